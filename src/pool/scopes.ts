import type { Isolation, Permissions, ScopeSpec, Warden } from "../env/mod.ts";
import type { Manifest } from "../job/mod.ts";
import type { Switch } from "../switch/mod.ts";
import { fileOf, type Job, type ReadJob } from "./jobs/catalogue.ts";
import { grantedPermissions, isolationOf, type JobGrant, NOTHING } from "./jobs/grants.ts";
import type { JobVersion } from "./jobs/job_versions.ts";
import type { LaneLimits } from "./lanes/lane_keeper.ts";
import { type JobCode, type JobFile, snapshotOf } from "./link/mod.ts";
import type { PoolEnv, WorkerPoolOptions } from "./pool_options.ts";
import { rankOf } from "./queue/priority.ts";
import { Scope } from "./scope.ts";
import type { Supervisor } from "./supervisor.ts";
import { refusedCalls } from "./talk/services.ts";

/** What the scope without permissions is called. */
const BASE = "base";

/** Where a job is loaded. */
interface Place {
  readonly scope: Scope;
  readonly file: JobFile;
}

/** What becomes of a version of the jobs. */
interface Plan {
  readonly jobs: ReadonlyMap<string, Job>;
  readonly code: ReadonlyMap<Scope, JobCode>;
}

/** Why a job may not run that needs a process, where the platform has none to give. */
function withoutProcess(name: string, error: unknown): string {
  const why = (error as Error).message.replace(/^Cannot [^:]*: /, "");
  return `Cannot run the job ${name} in a process, as it must be: ${why}`;
}

/** Opens scopes, one for each permission set and memory limit. */
export class Scopes {
  readonly #sw: Switch;
  readonly #env: PoolEnv;
  readonly #supervisor: Supervisor;
  readonly #options: WorkerPoolOptions;
  readonly #limits: LaneLimits;
  readonly #refuges = new Map<Scope, Warden>();
  readonly #byKey = new Map<string, Scope>();
  /** One number for each name that was ever seen, so that lanes of all versions understand it. */
  readonly #indices = new Map<string, number>();
  #places: ReadonlyMap<string, Place> = new Map();
  #edition = 0;
  #isolation: Isolation = "worker";

  constructor(
    sw: Switch,
    env: PoolEnv,
    supervisor: Supervisor,
    options: WorkerPoolOptions,
    limits: LaneLimits,
  ) {
    this.#sw = sw;
    this.#env = env;
    this.#supervisor = supervisor;
    this.#options = options;
    this.#limits = limits;
  }

  /** The scope without permissions. Its warden also reads the manifests and is tested. */
  async openBase(isolation: Isolation): Promise<{ warden: Warden; scope: Scope }> {
    this.#isolation = isolation;
    return await this.#open(BASE, NOTHING, this.#memoryMb(), isolation);
  }

  /** Gives each job its scope, or the reason why it has none; has the scopes load their jobs. */
  async assign(version: JobVersion, base: Scope): Promise<ReadonlyMap<string, Job>> {
    this.#byKey.set(this.#keyOf(NOTHING, this.#memoryMb(), this.#isolation), base);
    const { jobs, code } = await this.#plan(version);
    this.#supervisor.jobs = jobs;
    for (const [scope, its] of code) scope.setCode(its);
    await Promise.all([...code.keys()].map((scope) => scope.warmUp(this.#options.waitFor)));
    return jobs;
  }

  /**
   * The same for a later version of the jobs, while they run: resolves when every scope has lanes that
   * have loaded it, and rejects where one has none. Requests that wait for a job that is no more, or
   * is in another scope now, still find it where they wait.
   */
  async reassign(version: JobVersion): Promise<ReadonlyMap<string, Job>> {
    const { jobs, code } = await this.#plan(version);
    this.#supervisor.jobs = jobs;
    const renewed = await Promise.all([...code].map(([scope, its]) => scope.renew(its)));
    if (renewed.includes(false)) throw new Error("Cannot start a lane with the new code");
    return jobs;
  }

  async #plan({ jobs, snapshot }: JobVersion): Promise<Plan> {
    this.#edition++;
    const assigned = new Map<string, Job>();
    const places = new Map<string, Place>();
    for (const read of jobs) {
      const scope = await this.#scopeFor(read);
      const job = this.#job(read, scope);
      assigned.set(job.name, job);
      if (typeof scope === "string") this.#env.log.error(scope, { file: fileOf(read.url) });
      else places.set(job.name, { scope, file: { index: job.index, url: read.url } });
    }
    const left = [...this.#places].filter(([name, { scope }]) => places.get(name)?.scope !== scope);
    this.#places = places;
    const all = [...places.values(), ...left.map(([, place]) => place)];
    const code = new Map<Scope, JobCode>([...this.#byKey.values()].map((scope) => {
      const files = all.filter((place) => place.scope === scope).map(({ file }) => file);
      return [scope, { files, snapshot: snapshotOf([snapshot], files.map(({ url }) => url)) }];
    }));
    return { jobs: assigned, code };
  }

  async #scopeFor({ manifest }: ReadJob): Promise<Scope | string> {
    const grant = this.#grantOf(manifest);
    const permissions = grantedPermissions(manifest, grant);
    if (typeof permissions === "string") return permissions;
    const refused = refusedCalls(manifest, grant.calls, this.#options.services);
    if (refused !== undefined) return refused;
    const memoryMb = grant.limits?.memoryMb ?? manifest.limits.memoryMb ?? this.#memoryMb();
    const isolation = this.#isolation === "process" ? "process" : isolationOf(permissions, grant);
    const owner = grant.untrusted ? manifest.name : undefined;
    const key = this.#keyOf(permissions, memoryMb, isolation, owner);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const name = `scope ${this.#byKey.size + 1}`;
    try {
      const { scope } = await this.#open(name, permissions, memoryMb, isolation);
      this.#byKey.set(key, scope);
      return scope;
    } catch (error) {
      this.#sw.check();
      if (isolation === "worker") throw error;
      return withoutProcess(manifest.name, error);
    }
  }

  async #open(name: string, permissions: Permissions, memoryMb: number, isolation: Isolation) {
    const spec = { name, isolation, permissions, memoryMb };
    const refuge = await this.#openRefuge(spec);
    const warden = await this.#env.threads.open(this.#sw, spec);
    // The first scope is always ready: most jobs, and the first after a quiet night, go there.
    const cold = name === BASE ? this.#limits.warm : this.#limits.cold;
    const scope = new Scope(warden, this.#supervisor, { ...this.#limits, cold });
    this.#supervisor.add(scope);
    // Each time, so that it comes before the release of the warden, which kills its lanes: what runs
    // there is to be told why, and no other lane is to be started.
    this.#sw.onRelease(() => this.#supervisor.close());
    if (refuge !== undefined) this.#refuges.set(scope, refuge);
    return { warden, scope };
  }

  /**
   * The warden of processes to which a scope of workers moves when one of its lanes is stuck. It is
   * opened ahead, so that it is closed after the pool; until it starts a lane it costs nothing.
   */
  async #openRefuge(spec: ScopeSpec): Promise<Warden | undefined> {
    const { onStuck = "processes" } = this.#options;
    if (spec.isolation === "process" || onStuck !== "processes") return undefined;
    try {
      return await this.#env.threads.open(this.#sw, { ...spec, isolation: "process" });
    } catch (error) {
      this.#sw.check();
      this.#env.log.debug("There will be no processes to move to", { scope: spec.name, error });
      return undefined;
    }
  }

  /** Has a scope's lanes be processes from now on. False: there can be none here. */
  moveToProcesses(scope: Scope): boolean {
    const refuge = this.#refuges.get(scope);
    if (refuge === undefined) return false;
    scope.moveTo(refuge);
    return true;
  }

  #job({ manifest }: ReadJob, scope: Scope | string): Job {
    const { name, limits } = manifest;
    const { limits: granted = {} } = this.#grantOf(manifest);
    const index = this.#indices.get(name) ?? this.#indices.size;
    this.#indices.set(name, index);
    const { deadlineMs = 30_000, graceMs = 100, maxQueueMs = 60_000 } = this.#options;
    return {
      index,
      edition: this.#edition,
      name,
      manifest,
      scope,
      deadlineMs: granted.deadlineMs ?? Math.min(limits.deadlineMs ?? deadlineMs, deadlineMs),
      graceMs: granted.graceMs ?? limits.graceMs ?? graceMs,
      maxQueueMs,
      share: 1 / manifest.concurrency,
      rank: rankOf(manifest.priority),
    };
  }

  #memoryMb(): number {
    return this.#options.memoryMb ?? 128;
  }

  #grantOf({ name }: Manifest): JobGrant {
    const { grants = {} } = this.#options;
    return Object.hasOwn(grants, name) ? grants[name]! : {}; // a job may be called "constructor"
  }

  /** What jobs must have in common to share lanes; `owner` is one that shares them with none. */
  #keyOf(permissions: Permissions, memoryMb: number, isolation: Isolation, owner?: string): string {
    return JSON.stringify([permissions, memoryMb, isolation, owner]);
  }
}
