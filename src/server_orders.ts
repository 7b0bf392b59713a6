import type { Log } from "./env/mod.ts";
import type { ServerEnv, ServerOptions } from "./server_options.ts";
import { Fiber, onAbort, type Registration } from "./switch/mod.ts";

/** What tells a server to stop: its caller, or the pool, when it is no longer fit to serve. */
export class Orders implements Disposable {
  readonly stop = new AbortController();
  readonly cut = new AbortController();
  isUnfit = false;
  readonly #log: Log;
  readonly #options: ServerOptions;
  readonly #forwarding: readonly (Registration | undefined)[];

  constructor(log: Log, options: ServerOptions) {
    this.#log = log;
    this.#options = options;
    this.#forwarding = [
      options.stop && onAbort(options.stop, () => this.stop.abort()),
      options.cut && onAbort(options.cut, ({ cause }) => this.cut.abort(cause)),
    ];
  }

  readonly onUnfit = (why: string): void => {
    this.isUnfit = true;
    this.#log.error("The server must be restarted, and drains", { why });
    this.stop.abort();
    this.#options.onUnfit?.(why);
  };

  [Symbol.dispose](): void {
    for (const registration of this.#forwarding) registration?.remove();
  }
}

/** At a stop: lets what runs finish for `drainMs`, and then cuts. */
export async function drainOnStop(
  signal: AbortSignal,
  stop: AbortSignal,
  cut: AbortController,
  { clock, log }: ServerEnv,
  { drainMs = 10_000 }: ServerOptions,
): Promise<void> {
  const either = AbortSignal.any([signal, stop]);
  await Fiber.awaitCancel(either).catch(() => {});
  signal.throwIfAborted();
  log.info("draining: no new connections and no new jobs; what runs may finish", { drainMs });
  await clock.sleep(drainMs, { signal });
  log.warn("what runs is cut: the drain took too long", { drainMs });
  cut.abort(new Error(`the server is stopping, and its drain took longer than ${drainMs} ms`));
}
