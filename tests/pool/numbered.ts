import { JobRequest, type RequestOptions } from "../../src/pool/job_request.ts";
import { type Job, type Outcome, Submitter } from "../../src/pool/mod.ts";
import { aManifest } from "../job/a_manifest.ts";

/** A job that cannot be run, for tests of what happens before a run. */
export function jobOf(index: number): Job {
  return {
    index,
    edition: 1,
    name: `job-${index}`,
    manifest: aManifest({ name: `job-${index}` }),
    deadlineMs: 1,
    graceMs: 1,
    maxQueueMs: Infinity,
    rank: 1,
    share: 1,
    scope: "it runs nowhere",
  };
}

const JOB = jobOf(0);

/** A request that can be told from others, and that is never run. */
export class Numbered extends JobRequest {
  readonly number: number;

  constructor(
    number: number,
    submitter = new Submitter(),
    options: RequestOptions = {},
    job = JOB,
  ) {
    super(job, "", submitter, options);
    this.number = number;
  }

  override settled(_outcome: Outcome): void {}
}
