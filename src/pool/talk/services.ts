import type { ServiceInterface } from "../../job/mod.ts";
import type { Manifest } from "../../job/mod.ts";

/** What a service is told of the run that calls it. */
export interface ServiceContext {
  /** Aborted when the run has ended, however it did: nobody waits for the answer any more. */
  readonly signal: AbortSignal;

  /** The name of the job that calls. */
  readonly job: string;

  /** The number of the request that the job runs for, as in the log. */
  readonly request: number;
}

/** A function of the server that jobs may call. */
export type Service = (context: ServiceContext, ...args: never[]) => unknown;

/** What the server offers its jobs, by name. Arguments and answers are cloned on their way. */
export type Services = Readonly<Record<string, Service>>;

/**
 * The services of an interface, as the server implements it: each function takes the
 * {@linkcode ServiceContext} before its arguments, and may give a promise.
 *
 * @example
 * ```ts
 * import type { ServicesOf } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * type Kv = { "kv.get": (key: string) => string | undefined };
 *
 * const store = new Map([["a", "1"]]);
 * const services: ServicesOf<Kv> = { "kv.get": (_context, key) => store.get(key) };
 *
 * const context = { signal: AbortSignal.timeout(0), job: "any", request: 1 };
 * assertEquals(services["kv.get"](context, "a"), "1");
 * ```
 */
export type ServicesOf<Interface extends { [Name in keyof Interface]: ServiceInterface[string] }> =
  {
    readonly [Name in keyof Interface]: (
      context: ServiceContext,
      ...args: Parameters<Interface[Name]>
    ) => ReturnType<Interface[Name]> | Promise<Awaited<ReturnType<Interface[Name]>>>;
  };

/**
 * Why a job may not make the calls that it lists: they were not granted (law 10: asking is not
 * getting), or there is no such service. `undefined` where it may.
 */
export function refusedCalls(
  { name, calls }: Manifest,
  granted: true | readonly string[] = [],
  services: Services = {},
): string | undefined {
  if (granted !== true && !calls.every((call) => granted.includes(call))) {
    return `Cannot run the job ${name}: it asks to call ${calls.join(", ")}, and is granted ${
      granted.join(", ") || "no calls"
    }`;
  }
  const missing = calls.find((call) => !Object.hasOwn(services, call));
  if (missing === undefined) return undefined;
  return `Cannot run the job ${name}: it calls ${missing}, and the server offers ${
    Object.keys(services).join(", ") || "no services"
  }`;
}
