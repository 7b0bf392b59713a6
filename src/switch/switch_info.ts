/** How far a switch has come. */
export type SwitchState = "on" | "cancelling" | "finished";

/** How a fiber was started: by `fork`, `forkPromise` or `forkDaemon`. */
export type FiberKind = "fork" | "promise" | "daemon";

/** What {@linkcode Switch.inspect} tells about a fiber. */
export interface FiberInfo {
  /** The name of its function; empty where it has none. */
  readonly name: string;
  /** How it was started. */
  readonly kind: FiberKind;
  /** What it waits for with the signal that it was given; known where the tree is observed. */
  readonly waitsFor: readonly string[];
  /** Its number in the traces, where the tree is observed. */
  readonly id?: number;
  /** How long ago it started, in milliseconds, where the tree is observed. */
  readonly ageMs?: number;
}

/** What {@linkcode Switch.inspect} tells about a switch: plain data, fit for JSON. */
export interface SwitchInfo {
  /** The name that was given to `run`, or an empty string. */
  readonly name: string;
  /** How far it has come. */
  readonly state: SwitchState;
  /** Whether cancelling what is above does not reach it. */
  readonly protected: boolean;
  /** What its body waits for, and those fibers of whose waits no more is known. */
  readonly waitsFor: readonly string[];
  /** The fibers that have not settled, oldest first, without the daemons. */
  readonly fibers: readonly FiberInfo[];
  /** The daemons that have not settled, oldest first. */
  readonly daemons: readonly FiberInfo[];
  /** How many releases have not been started. */
  readonly releases: number;
  /** Why it is being cancelled. */
  readonly error?: string;
  /** Its number in the traces, where the tree is observed. */
  readonly id?: number;
  /** How long ago it began, in milliseconds, where the tree is observed. */
  readonly ageMs?: number;
  /** How long ago it was cancelled, in milliseconds, where the tree is observed. */
  readonly cancelledMs?: number;
  /** The switches below that have not finished, oldest first. */
  readonly children: readonly SwitchInfo[];
}
