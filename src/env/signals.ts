import type { Switch } from "../switch/mod.ts";

/** The name of a signal that one process sends to another. */
export type SignalName =
  | "SIGABRT"
  | "SIGALRM"
  | "SIGCHLD"
  | "SIGCONT"
  | "SIGHUP"
  | "SIGINT"
  | "SIGKILL"
  | "SIGPIPE"
  | "SIGQUIT"
  | "SIGSTOP"
  | "SIGTERM"
  | "SIGTSTP"
  | "SIGTTIN"
  | "SIGTTOU"
  | "SIGUSR1"
  | "SIGUSR2"
  | "SIGWINCH";

/** A signal that a program can listen for: all but those that nobody can refuse. */
export type CatchableSignal = Exclude<SignalName, "SIGKILL" | "SIGSTOP">;

/**
 * The authority to hear the signals that are sent to this program. To listen takes away what a
 * signal does otherwise, which for most is to end the program.
 */
export interface Signals {
  /**
   * Listens for signals until `sw` ends, and keeps the program alive so long. Each listener hears
   * all of them. Throws as `sw.check()`.
   *
   * @example
   * ```ts
   * import { FakeSignals, Switch } from "@switchyard/switchyard";
   * import { assertEquals } from "@std/assert";
   *
   * const signals = new FakeSignals();
   * await Switch.run(async (sw) => {
   *   const stops = signals.on(sw, ["SIGINT", "SIGTERM"]);
   *   signals.raise("SIGTERM");
   *   assertEquals(await stops.next(), { name: "SIGTERM", count: 1 });
   * });
   * ```
   */
  on(sw: Switch, names: readonly CatchableSignal[]): SignalListener;
}

/** A signal that was delivered. */
export interface Delivery {
  /** Which. */
  readonly name: CatchableSignal;

  /** How many times since it was last looked for. The machine may have made one of several. */
  readonly count: number;
}

/** Options for {@linkcode SignalListener.next}. */
export interface NextSignalOptions {
  /** Gives the wait up. */
  readonly signal?: AbortSignal;
}

/** What is heard of signals in the lifetime of a switch. */
export interface SignalListener {
  /** How many deliveries were not looked at yet. */
  readonly pending: number;

  /**
   * Waits for a signal, and misses none: one that was delivered since the last look is told at
   * once, the first to come first. Each delivery is told to one caller, the one who waits longest.
   * Rejects with {@linkcode Cancelled} when `signal` is aborted, or the listener's switch ends.
   */
  next(options?: NextSignalOptions): Promise<Delivery>;
}
