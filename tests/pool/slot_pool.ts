import { FakeClock, fakeDir, FakeLog } from "../../src/env/mod.ts";
import type {
  KillReport,
  ScopeSpec,
  Thread,
  ThreadEnd,
  Threads,
  Warden,
} from "../../src/env/mod.ts";
import { type FromLane, NO_CODE, Slots, State, type ToLane } from "../../src/pool/link/mod.ts";
import { JobRequest, type Outcome, Submitter, WorkerPool } from "../../src/pool/mod.ts";
import type { Switch } from "../../src/switch/mod.ts";
import { aManifest } from "../job/a_manifest.ts";

/** How long a run holds its lane, in milliseconds; and for how much of that it has a core. */
export interface RunTime {
  readonly ms: number;
  readonly cpuMs?: number;
}

/** How finely time passes, in milliseconds. */
const STEP_MS = 0.05;

/**
 * A pool whose lanes share memory with it, as real ones do, so that jobs are posted ahead; but their
 * runs take what the test says, by a fake clock. All of it happens in the test's own turn.
 */
export class SlotPool {
  readonly clock = new FakeClock();
  readonly #threads: SlotThreads;
  readonly #submitter = new Submitter();
  #pool: WorkerPool | undefined;

  constructor(cores: number) {
    this.#threads = new SlotThreads(cores, this.clock);
  }

  async open(sw: Switch): Promise<void> {
    const env = { threads: this.#threads, clock: this.clock, log: new FakeLog(() => 0) };
    this.#pool = await WorkerPool.open(sw, env, {
      jobs: fakeDir({ "work.ts": "" }),
      selfTest: false,
    });
  }

  /** Whether every core has work for longer than so many milliseconds. */
  hasWorkFor(ms: number): boolean {
    return this.#pool!.hasWorkFor(ms);
  }

  /** How many jobs each lane has run. */
  get runsByLane(): number[] {
    return this.#threads.lanes.map(({ runs }) => runs);
  }

  /**
   * Has so many jobs under way at a time until all these runs have ended, as programs do that wait
   * for one before they submit the next. Returns how long that took, in milliseconds.
   */
  runAll(times: readonly RunTime[], depth: number): number {
    const startMs = this.clock.monotonic();
    let submitted = 0;
    let ended = 0;
    const next = () => {
      const time = times[submitted++];
      if (time !== undefined) this.#submit(time, () => (ended++, next()));
    };
    for (let i = 0; i < depth; i++) next();
    while (ended < times.length) this.#step();
    return this.clock.monotonic() - startMs;
  }

  /** Submits these runs at once. */
  submitAll(times: readonly RunTime[]): void {
    for (const time of times) this.#submit(time, () => {});
  }

  /** Lets so many milliseconds pass. */
  pass(ms: number): void {
    for (let passedMs = 0; passedMs < ms; passedMs += STEP_MS) this.#step();
  }

  #submit(time: RunTime, onEnd: () => void): void {
    const pool = this.#pool!;
    const job = pool.jobs.get("work")!;
    pool.enqueue(new Timed(job, JSON.stringify(time), this.#submitter, onEnd));
  }

  #step(): void {
    this.clock.tick(STEP_MS);
    for (const lane of this.#threads.lanes) lane.step();
  }
}

class Timed extends JobRequest {
  readonly #onEnd: () => void;

  constructor(job: JobRequest["job"], input: string, submitter: Submitter, onEnd: () => void) {
    super(job, input, submitter);
    this.#onEnd = onEnd;
  }

  override settled(_outcome: Outcome): void {
    this.#onEnd();
  }
}

class SlotThreads implements Threads {
  readonly cores: number;
  /** Those that run jobs; the one that reads their files shares no memory. */
  readonly lanes: SlotThread[] = [];
  readonly #clock: FakeClock;

  constructor(cores: number, clock: FakeClock) {
    this.cores = cores;
    this.#clock = clock;
  }

  residentMb(): number {
    return 0;
  }

  open(sw: Switch, spec: ScopeSpec): Promise<Warden> {
    const start = (sharedBytes: number) => {
      const thread = new SlotThread(this.lanes.length, sharedBytes, this.#clock);
      sw.onRelease(() => void thread.kill());
      if (sharedBytes > 0) this.lanes.push(thread);
      return Promise.resolve(thread);
    };
    return Promise.resolve({ spec, start });
  }
}

class SlotThread implements Thread {
  readonly id: number;
  readonly shared: SharedArrayBuffer;
  readonly ended: Promise<ThreadEnd>;
  readonly #end = Promise.withResolvers<ThreadEnd>();
  readonly #slots: Slots;
  readonly #clock: FakeClock;
  #tell: (message: FromLane) => void = () => {};
  #seq = 0;
  #run: RunTime | undefined;
  #endsMs = 0;

  constructor(id: number, sharedBytes: number, clock: FakeClock) {
    this.id = id;
    this.shared = new SharedArrayBuffer(sharedBytes);
    this.ended = this.#end.promise;
    this.#slots = new Slots(this.shared);
    this.#clock = clock;
  }

  /** How many jobs it has begun. */
  runs = 0;

  /** Ends the run whose time is over, and begins the next that was posted. */
  step(): void {
    const nowMs = this.#clock.monotonic();
    if (this.#run !== undefined && nowMs >= this.#endsMs) this.#finish(this.#run);
    while (this.#slots.state(this.#seq) === State.WITHDRAWN) this.#slots.pass(this.#seq++);
    if (this.#run !== undefined || !this.#slots.start(this.#seq)) return;
    this.runs++;
    this.#run = JSON.parse(this.#slots.text(this.#seq)!) as RunTime;
    this.#endsMs = nowMs + this.#run.ms;
  }

  post(message: ToLane): void {
    if (message.type === "read") this.#say({ type: "read", snapshot: NO_CODE, broken: {} });
    if (message.type !== "load") return;
    this.#say({ type: "loading", index: 0 });
    this.#say({ type: "loaded", index: 0, manifest: aManifest({ name: "work" }) });
    this.#say({ type: "ready" });
  }

  onMessage(fn: (message: unknown) => void): void {
    this.#tell = fn;
  }

  residentMb(): undefined {}

  kill(): Promise<KillReport> {
    this.#end.resolve({ kind: "killed" });
    return Promise.resolve({ verified: true, ms: 0 });
  }

  #say(message: FromLane): void {
    queueMicrotask(() => this.#tell(message));
  }

  #finish({ ms, cpuMs }: RunTime): void {
    const seq = this.#seq++;
    this.#run = undefined;
    this.#slots.finishByMessage(seq, ms);
    const figures = cpuMs === undefined ? undefined : { cpuMs };
    this.#tell({ type: "end", seq, runMs: ms, figures, end: { kind: "done", result: "" } });
  }
}
