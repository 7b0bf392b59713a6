/**
 * What a server offers its jobs: functions by name. Written once, as an interface that the job file
 * and the server both import by type, it types both sides of a call.
 */
// deno-lint-ignore no-explicit-any -- any parameters: `unknown` would refuse every function
export type ServiceInterface = { readonly [name: string]: (...args: any[]) => unknown };

/** The names of the services that a job calls, typed by the interface of the server. */
export type Calls<Services, Name extends keyof Services & string> = readonly Name[] & {
  /** Never there: it carries the type. */
  readonly "~services"?: Pick<Services, Name>;
};

/**
 * The services of `Services` that a job calls, for its `calls`: then `context.call` is typed.
 *
 * @example
 * ```ts
 * import { callsOf, defineJob } from "@switchyard/switchyard/job";
 * import * as v from "valibot";
 *
 * type Kv = { "kv.get": (key: string) => string | undefined };
 *
 * const greet = defineJob({
 *   name: "greet",
 *   summary: "Greets somebody by the name that is known of him",
 *   calls: callsOf<Kv>()("kv.get"),
 *   input: v.string(),
 *   run: async (id, { call }) => `Hello, ${await call("kv.get", id) ?? "stranger"}!`,
 * });
 * ```
 */
export function callsOf<Services>(): <Name extends keyof Services & string>(
  ...names: readonly Name[]
) => Calls<Services, Name> {
  return (...names) => names;
}

/** Calls a service of the server, and waits for its answer. */
export type CallService<Asked> = Asked extends { readonly "~services"?: infer Services }
  ? CallTyped<NonNullable<Services>>
  : CallByName<Asked extends readonly (infer Name)[] ? Name : never>;

/** Calls one of these services by its name, with the arguments that it takes. */
export type CallTyped<Services> = <Name extends keyof Services>(
  name: Name,
  ...args: ArgumentsOf<Services[Name]>
) => Promise<AnswerOf<Services[Name]>>;

/** Calls one of these services by its name, of which no more is known. */
export type CallByName<Name> = (name: Name, ...args: readonly unknown[]) => Promise<unknown>;

/** The arguments of a service. */
export type ArgumentsOf<Service> = Service extends (...args: infer Args) => unknown ? Args : never;

/** The answer of a service. */
export type AnswerOf<Service> = Service extends (...args: never[]) => infer Answer ? Awaited<Answer>
  : never;
