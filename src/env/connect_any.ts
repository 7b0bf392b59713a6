import { MultipleErrors, onAbort, type Switch } from "../switch/mod.ts";
import type { Clock } from "./clock.ts";
import {
  type Address,
  type Conn,
  type ConnectOptions,
  formatAddress,
  type Net,
  NetError,
} from "./net.ts";

/** Options for {@linkcode connectAny}. */
export interface ConnectAnyOptions extends ConnectOptions {
  /**
   * How long each address has to answer before the next is tried.
   *
   * @default {10000}
   */
  readonly attemptMs?: number;
}

/** What {@linkcode connectAny} needs of an environment. */
export interface ConnectEnv {
  /** Connects. */
  readonly net: Net;

  /** Times the attempts. */
  readonly clock: Clock;
}

/**
 * Connects to the first of `addresses` that answers, tried one after the other; the connection is
 * closed when `sw` ends, if it was not before. Rejects with a {@linkcode NetError} that says of each
 * address what was wrong, and with {@linkcode Cancelled} when `signal` is aborted.
 *
 * Also known as `Net.with_tcp_connect`.
 *
 * @example
 * ```ts
 * import { type Address, connectAny, fakeEnv, Switch } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const env = fakeEnv();
 * const first: Address = { transport: "tcp", hostname: "10.0.0.1", port: 80 };
 * const second: Address = { transport: "tcp", hostname: "10.0.0.2", port: 80 };
 * await Switch.run(async (sw) => {
 *   await env.net.listen(sw, second);
 *   const conn = await connectAny(sw, env, [first, second], { attemptMs: 1000 });
 *   assertEquals(conn.remote, second);
 * });
 * ```
 */
export async function connectAny(
  sw: Switch,
  env: ConnectEnv,
  addresses: readonly Address[],
  { attemptMs = 10_000, signal }: ConnectAnyOptions = {},
): Promise<Conn> {
  const errors: NetError[] = [];
  for (const address of addresses) {
    try {
      return await attempt(sw, env, address, attemptMs, signal);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      errors.push(error);
    }
  }
  throw joined(errors);
}

async function attempt(
  sw: Switch,
  { net, clock }: ConnectEnv,
  address: Address,
  attemptMs: number,
  signal: AbortSignal | undefined,
): Promise<Conn> {
  const controller = new AbortController();
  const abort = signal && onAbort(signal, (reason) => controller.abort(reason));
  const timer = clock.setTimer(attemptMs, () => controller.abort(unanswered(address, attemptMs)));
  try {
    return await net.connect(sw, address, { signal: controller.signal });
  } finally {
    timer.cancel();
    abort?.remove();
  }
}

function unanswered(address: Address, ms: number): NetError {
  const why = `the peer did not answer within attemptMs (${ms} ms)`;
  return new NetError("timed-out", `Cannot connect to ${formatAddress(address)}: ${why}`);
}

/** The one error, or all in one, with the code of the last. */
function joined(errors: readonly NetError[]): Error {
  const last = errors.at(-1);
  if (last === undefined) return new RangeError("Cannot connect: no address was given");
  if (errors.length === 1) return last;
  const each = errors.map(({ message }) => message.replace(/^Cannot connect to /, "")).join("; ");
  const message = `Cannot connect to any of ${errors.length} addresses: ${each}`;
  return new NetError(last.code, message, { cause: new MultipleErrors(errors) });
}
