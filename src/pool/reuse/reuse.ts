import type { JobRequest, StopOrder } from "../job_request.ts";
import type { JobInput } from "../link/mod.ts";
import type { Outcome } from "../outcome.ts";
import { plainKey } from "./plain_key.ts";
import { type CacheOptions, ResultCache } from "./result_cache.ts";
import { SharedRun, type SharedRunOwner } from "./shared_run.ts";
import type { ReuseStats } from "../stats/stats.ts";
import type { Supervisor } from "../supervisor.ts";

/** How long the key of a request may be, in UTF-16 units: what is longer runs by itself. */
const MAX_KEY_LENGTH = 8_192;

/**
 * Runs and results that serve more than one request, of jobs that are declared pure: identical
 * requests that are under way share a run, and results are kept for a while if that is asked for.
 * With a cache, runs are shared too: else what many ask for would run once for each of them
 * whenever its time is over.
 */
export class Reuse implements SharedRunOwner {
  readonly #supervisor: Supervisor;
  readonly #cache: ResultCache | undefined;
  /** The runs that can be joined, by the keys of what they run. */
  readonly #runs = new Map<string, SharedRun>();
  #sharing = 0;

  constructor(supervisor: Supervisor, cache?: CacheOptions) {
    this.#supervisor = supervisor;
    this.#cache = cache && new ResultCache(cache);
  }

  /** How many wait for a run that is not theirs, besides those in the queue. */
  get sharing(): number {
    return this.#sharing;
  }

  /** What it holds and has done, for the stats. */
  get counts(): Omit<ReuseStats, "shared" | "cached"> {
    const { misses = 0, evictions = 0, entries = 0, bytes = 0 } = this.#cache ?? {};
    return { sharing: this.#sharing, misses, evictions, entries, bytes };
  }

  /**
   * Takes a request on that need not be queued: its result is kept, or a run for the same has
   * begun. False: it is to be queued, which `isFull` forbids.
   */
  takesOn(request: JobRequest, isFull: boolean): boolean {
    const key = keyOf(request);
    if (key === undefined) return false;
    if (this.#answer(request, key)) return true;
    if (isFull) return false;
    const run = this.#runs.get(key) ?? this.#open(request, key);
    if (run?.hasBegun) this.#supervisor.adopt(request);
    run?.join(request);
    return run?.hasBegun ?? false;
  }

  nowMs(): number {
    return this.#supervisor.clock.monotonic();
  }

  settle(sharer: JobRequest, outcome: Outcome): void {
    if (outcome.reuse === "shared") this.#sharing--;
    this.#supervisor.outcomes.settle(sharer, outcome);
  }

  stop(run: SharedRun, order: StopOrder): void {
    this.#supervisor.stop(run, order);
  }

  onShared(count: number): void {
    this.#sharing += count;
  }

  onClosed(run: SharedRun): void {
    if (this.#runs.get(run.key) === run) this.#runs.delete(run.key);
  }

  onSettled(run: SharedRun, outcome: Outcome): void {
    if (outcome.kind === "done") this.#cache?.set(run.key, outcome.result, this.nowMs());
  }

  #answer(request: JobRequest, key: string): boolean {
    const kept = this.#cache?.get(key, this.nowMs());
    if (kept === undefined) return false;
    const figures = { queueMs: 0, runMs: 0, lane: 0, reuse: "cached" } as const;
    this.#supervisor.outcomes.answer(request, { kind: "done", result: kept.result, ...figures });
    return true;
  }

  /** A run for what nobody has asked for yet. `undefined`: its input is not what it seems. */
  #open(first: JobRequest, key: string): SharedRun | undefined {
    const input = copyOf(first.input);
    // A getter may have given the copy something else than the key.
    if (input === undefined || keyOf({ job: first.job, input }) !== key) return undefined;
    const run = new SharedRun(first, key, input, this);
    this.#runs.set(key, run);
    return run;
  }
}

function keyOf({ job, input }: Pick<JobRequest, "job" | "input">): string | undefined {
  // What is pulled is not seen yet, and items are taken by one reader.
  if (typeof input === "object" && (input.streams || "pull" in input)) return undefined;
  const key = plainKey(input, MAX_KEY_LENGTH);
  return key === undefined ? undefined : `${job.index}.${job.edition} ${key}`;
}

/** The run must not see what its first submitter does to the input later. */
function copyOf(input: JobInput): JobInput | undefined {
  if (typeof input !== "object" || "json" in input) return input;
  try {
    return { value: structuredClone(input.value) };
  } catch {
    return undefined; // it runs by itself, and is told why it cannot be sent
  }
}
