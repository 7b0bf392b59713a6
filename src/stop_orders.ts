import type { Clock } from "./env/mod.ts";

/**
 * A signal that comes again within this time is the same one: a Ctrl-C in a terminal goes to us and
 * to `deno task`, which passes it on to us. In milliseconds.
 */
const ECHO_MS = 100;

/** What the signals of the operator ask for: the first to drain, the second to cut. */
export class StopOrders {
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  readonly #cut = new AbortController();
  #last: { readonly name: string; readonly atMs: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Aborted by the first signal. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** Aborted by the second signal that is no echo of the one before it. */
  get cut(): AbortSignal {
    return this.#cut.signal;
  }

  /** Takes a signal, by its name. */
  receive(name: string): void {
    const atMs = this.#clock.monotonic();
    const isEcho = this.#last?.name === name && atMs - this.#last.atMs < ECHO_MS;
    this.#last = { name, atMs };
    if (isEcho) return;
    if (!this.#stop.signal.aborted) this.#stop.abort();
    else this.#cut.abort(new Error("the server was told twice to stop"));
  }
}
