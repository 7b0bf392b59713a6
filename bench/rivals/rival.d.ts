/** A worker pool, as the comparisons of this folder ask it to do things. */
export interface Rival {
  /** Runs a deed of `deeds.js` in a worker. Rejects as the library does. */
  run(deed: string, value?: unknown, options?: RunOptions): Promise<unknown>;

  /** What the library tells of itself, in its own words; left out where it tells nothing. */
  stats?(): Figures;

  /** Ends the pool. */
  close(): Promise<void>;
}

/** What a library is told about one run, by whatever means it has for it. */
export interface RunOptions {
  readonly signal?: AbortSignal;
  /** How long it may run. */
  readonly timeoutMs?: number;
  /** What is handed over without a copy. */
  readonly transfer?: ArrayBuffer[];
  /** Who asks for it, where a pool knows one client from another. */
  readonly client?: number;
  /** Hears of the progress of the run. */
  readonly onProgress?: (done: number) => void;
}

/** What is asked of the statistics. What a library does not know is `undefined`. */
export interface Figures {
  readonly queued: number | undefined;
  readonly running: number | undefined;
  readonly completed: number | undefined;
  /** The median run time in milliseconds. */
  readonly runP50Ms: number | undefined;
}

/** How a pool is opened. */
export interface PoolShape {
  readonly workers: number;
  readonly memoryMb?: number;
  /** How many jobs may wait. */
  readonly maxQueue?: number;
}

/** What a probe has found. */
export interface Verdict {
  /** Whether the pool does what is asked for. */
  readonly ok: boolean;
  /** How long it took, in milliseconds, where that is of interest. */
  readonly ms?: number;
  /** What it did instead, in a few words. */
  readonly note?: string;
}

/** A question to a pool, and how it is found out. */
export interface Probe {
  readonly topic: string;
  /** What a good pool does, in words. */
  readonly claim: string;
  ask(open: (shape?: Partial<PoolShape>) => Promise<Rival>): Promise<Verdict>;
}

/** How fast a pool was. Latencies are in microseconds. */
export interface Rate {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** What a job is told to write, and where, so that its runs can be counted. */
export interface Mark {
  readonly path: string;
  readonly text: string;
}
