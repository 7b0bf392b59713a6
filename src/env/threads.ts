import type { Switch } from "../switch/mod.ts";

/** What one kind of permission holds: nothing, everything, or the listed values. */
export type Grant = "none" | "all" | readonly string[];

/** A permission set. Every kind is named: what is not granted in words is not granted. */
export interface Permissions {
  /** Hosts to connect to or to listen on. */
  readonly net: Grant;

  /** Files and folders to read. */
  readonly read: Grant;

  /** Files and folders to write. */
  readonly write: Grant;

  /** Environment variables. */
  readonly env: Grant;

  /** Programs to run. */
  readonly run: Grant;

  /** Native libraries to load. */
  readonly ffi: Grant;

  /** What to learn of the machine. */
  readonly sys: Grant;

  /** Hosts to import code from. */
  readonly import: Grant;
}

/**
 * How threads are kept apart from the server: as lanes in its process, or a process for each lane.
 */
export type Isolation = "worker" | "process";

/** What the threads of one scope may do, and how much memory each may use. */
export interface ScopeSpec {
  /** For messages and thread names. */
  readonly name: string;

  /** Whether its threads are lanes of this process, or processes. */
  readonly isolation: Isolation;

  /** What its threads may do. */
  readonly permissions: Permissions;

  /** The heap limit of each thread, in MiB. */
  readonly memoryMb: number;

  /**
   * Whether its threads run none of the code that they read. Then they need not be such as can be
   * killed amid a loop, and some platforms have others that are up sooner.
   *
   * @default {false}
   */
  readonly onlyReads?: boolean;
}

/** How a thread ended. */
export type ThreadEnd =
  | { readonly kind: "killed" }
  | { readonly kind: "out-of-memory" }
  | { readonly kind: "crashed"; readonly reason: string };

/** What {@linkcode Thread.kill} found out. */
export interface KillReport {
  /** Whether the end of the thread was seen. Where not, it may still burn a core. */
  readonly verified: boolean;
  /** Milliseconds from the call to the end, or to giving up. */
  readonly ms: number;
}

/** The authority to run code on other cores. */
export interface Threads {
  /** How many cores the machine has. */
  readonly cores: number;

  /** The memory of this process less what its own code has asked for, in MiB: the lanes' as a rule. */
  residentMb(): number;

  /**
   * Opens a scope; its threads are killed when `sw` ends. Rejects when the platform refuses, with
   * a sentence that says why.
   */
  open(sw: Switch, spec: ScopeSpec): Promise<Warden>;
}

/** Holds one scope, and starts and kills its threads. */
export interface Warden {
  /** What the scope was opened with. */
  readonly spec: ScopeSpec;

  /**
   * Starts a thread that runs the lane program and shares `sharedBytes` of memory with it, where
   * the isolation allows it. Resolves once it listens, after half a second as a rule; rejects when
   * it ended before, or did not listen in time.
   */
  start(sharedBytes: number): Promise<Thread>;
}

/** A thread, seen from the one that started it. */
export interface Thread {
  /** Unique in the process. */
  readonly id: number;

  /** Memory shared with the thread; `undefined` where the isolation does not allow any. */
  readonly shared: SharedArrayBuffer | undefined;

  /** The memory that it uses, in MiB, where that can be told from outside: that of a process. */
  residentMb(): number | undefined;

  /** Settles when the thread has ended, however it did. Never rejects. */
  readonly ended: Promise<ThreadEnd>;

  /**
   * Sends a message, which arrives as its structured clone. Throws where it cannot be cloned; does
   * nothing where the thread has ended. The buffers in `transfer` are handed over where the isolation
   * allows it, and copied elsewhere.
   */
  post(message: unknown, transfer?: readonly Transferable[]): void;

  /** Calls `fn` for each message of the thread. There is one receiver; a later call replaces it. */
  onMessage(fn: (message: unknown) => void): void;

  /** Kills the thread, whatever it does, and watches it end. A second call gives the same report. */
  kill(): Promise<KillReport>;
}
