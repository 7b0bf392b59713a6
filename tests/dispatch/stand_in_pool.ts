import type { JobPool } from "../../src/dispatch/mod.ts";
import type { Job, JobRequest, Outcome } from "../../src/pool/mod.ts";
import { aManifest } from "../job/a_manifest.ts";

const FIGURES = { queueMs: 1, runMs: 2, lane: 3 };

const DRAINING = {
  kind: "refused",
  code: "DRAINING",
  reason: "The server is stopping and takes no more jobs",
} as const;

/**
 * A pool for tests that runs nothing: jobs end when and how the test says. What is cancelled goes
 * on, as a busy loop does, until the test says that it has stopped.
 */
export class StandInPool implements JobPool {
  readonly jobs: ReadonlyMap<string, Job>;

  /** The requests that have no outcome yet, oldest first. */
  readonly open: JobRequest[] = [];

  /** The texts of all requests ever taken on, oldest first. */
  readonly taken: string[] = [];

  /** What was cancelled, and why. */
  readonly cancelled: { readonly text: string; readonly why: string }[] = [];

  /** Whether new requests are refused. */
  isDraining = false;

  #isClosed = false;

  constructor(...names: readonly string[]) {
    this.jobs = new Map(names.map((name, index) => [name, jobNamed(name, index)]));
  }

  enqueue(request: JobRequest): void {
    this.taken.push(textOf(request));
    this.open.push(request);
    if (this.#isClosed) this.finishAll();
    else if (this.isDraining) this.settle(this.open.length - 1, DRAINING);
  }

  cancel(request: JobRequest, why: string): void {
    this.cancelled.push({ text: textOf(request), why });
  }

  hasWorkFor(): boolean {
    return false;
  }

  /** Ends the open request at `index` with this outcome. */
  settle(index: number, outcome: DistributiveOmit<Outcome, keyof typeof FIGURES>): void {
    const [request] = this.open.splice(index, 1);
    request!.settled({ ...outcome, ...FIGURES });
  }

  /** Ends the open request at `index` as done; its result is its text in brackets. */
  finish(index: number): void {
    this.settle(index, { kind: "done", result: `<${textOf(this.open[index]!)}>` });
  }

  /** Ends every open request as done, the last first. */
  finishAll(): void {
    while (this.open.length > 0) this.finish(this.open.length - 1);
  }

  /** Ends all that is open, and all that comes, so that no test hangs when it has failed. */
  close(): void {
    this.#isClosed = true;
    this.finishAll();
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function textOf({ input }: JobRequest): string {
  if (typeof input !== "object") return String(input);
  return "json" in input ? input.json : JSON.stringify(input.value);
}

function jobNamed(name: string, index: number): Job {
  const manifest = aManifest({ name, summary: `does ${name}`, examples: ["1"] });
  return {
    index,
    edition: 1,
    name,
    manifest,
    deadlineMs: 30_000,
    graceMs: 100,
    maxQueueMs: 1,
    rank: 1,
    share: 1,
    scope: "it runs nowhere",
  };
}
