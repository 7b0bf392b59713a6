import { type CallAnswer, MAX_CALLS, recordError } from "../link/mod.ts";
import type { JobRequest } from "../job_request.ts";
import type { FromRun } from "../link/mod.ts";
import type { Service, Services } from "./services.ts";

/** Calls of services that are under way, of all requests. */
export class CallDesk {
  readonly #services: Services;
  readonly #underWay = new Set<Promise<void>>();

  constructor(services: Services = {}) {
    this.#services = services;
  }

  /** Calls a service for a run. Never rejects. */
  call(
    request: JobRequest,
    { name, args }: FromRun & { type: "call" },
    signal: AbortSignal,
  ): Promise<CallAnswer> {
    const { job, id } = request;
    const answer = Promise.try(() => {
      const service = this.#serviceFor(request, name);
      return service({ signal, job: job.name, request: id }, ...args as never[]);
    }).then((value) => ({ value }), (error) => ({ error: recordError(error) }));
    const over = answer.then(() => void this.#underWay.delete(over));
    this.#underWay.add(over);
    return answer;
  }

  /** Resolves when no call is under way. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** The lane is not trusted: what it may not call it cannot call. */
  #serviceFor({ job, talk }: JobRequest, name: string): Service {
    if (!job.manifest.calls.includes(name) || !Object.hasOwn(this.#services, name)) {
      throw new TypeError(
        `Cannot call ${name}: the job ${job.name} may call ${
          job.manifest.calls.join(", ") || "nothing"
        }. List it in "calls", and have the operator grant it`,
      );
    }
    if ((talk?.calls ?? 0) <= MAX_CALLS) return this.#services[name]!;
    throw new RangeError(
      `Cannot call ${name}: ${MAX_CALLS} calls of the run are under way, which is the limit`,
    );
  }
}
