import { setImmediate } from "node:timers";
import type {
  ErrorRecord,
  FromLane,
  JobCode,
  JobInput,
  RunEnd,
  RunFigures,
  Snapshot,
  ToLane,
} from "../../src/pool/link/mod.ts";
import { Form, packValue, recordError, SLOT_TEXT, Slots } from "../../src/pool/link/mod.ts";
import { NO_CODE } from "../../src/pool/link/mod.ts";
import { denoLaneMachine } from "../../src/env/deno_lane_machine.ts";
import {
  asksForParts,
  type JobMachine,
  manifestOf,
  type PermissionRequest,
  Transferred,
} from "../../src/job/mod.ts";
import { MemoryWatch } from "./memory_watch.ts";
import { Meter } from "./meter.ts";
import { Run, type RunHost } from "./run.ts";
import { runForm, runInput } from "./run_input.ts";
import { BrokenJob, LoadedJob, PutAside } from "./loaded_job.ts";
import { type SlotHost, SlotServer } from "./slot_server.ts";
import { burn } from "./test_loops.ts";

/** Options for {@linkcode LaneProgram}. */
export interface LaneProgramOptions {
  /** The memory shared with the pool; left out where jobs come as messages. */
  readonly memory?: SharedArrayBuffer;
  /** Called when the first job files have been loaded. */
  readonly seal?: () => void;
  /**
   * Reads code for other lanes, and has code be loaded as it was read; left out where the program
   * shares its isolate, and it comes from the disk.
   */
  readonly modules?: ModuleSource;
  /**
   * Whether to watch the memory, and to measure the runs. Turn it off where the program shares its
   * isolate.
   *
   * @default {true}
   */
  readonly isMeasured?: boolean;
  /**
   * The machine that jobs see.
   *
   * @default {the real one}
   */
  readonly machine?: Pick<JobMachine, "clock"> & Partial<JobMachine>;
}

/** Where a lane has the code of its jobs from. */
export interface ModuleSource {
  /** Reads job files and what they import, and runs nothing. */
  read(folder: string, urls: readonly string[]): Promise<FromLane & { readonly type: "read" }>;

  /** Has job files be loaded from a snapshot. */
  loadFrom(snapshot: Snapshot, jobs: readonly string[]): Promise<void>;
}

/** There is no snapshot where the disk is read. */
const DISK: ModuleSource = {
  read: () => Promise.resolve({ type: "read", snapshot: NO_CODE, broken: {} }),
  loadFrom: () => Promise.resolve(),
};

/** Sends a message to the pool, and hands the listed buffers over where the way allows it. */
export type PostToPool = (message: FromLane, transfer?: readonly Transferable[]) => void;

/** How many lines one run may print; what comes after is dropped, and said to be. */
const MAX_PRINTS = 100;

/** How long a printed line may be; a longer one is cut. */
const MAX_PRINT_LENGTH = 4_096;

/**
 * What a lane does, whatever thread or process it is: it loads job files, and starts jobs in
 * the order in which they were posted: one at a time, but for those that share the lane.
 */
export class LaneProgram {
  readonly #post: PostToPool;
  readonly #machine: Pick<JobMachine, "clock"> & Partial<JobMachine>;
  readonly #host: RunHost;
  readonly #slots: Slots | undefined;
  readonly #seal: () => void;
  readonly #modules: ModuleSource;
  readonly #jobs: (LoadedJob | BrokenJob)[] = [];
  readonly #inputs = new Map<number, JobInput>();
  readonly #memory: MemoryWatch | undefined;
  readonly #meter: Meter | undefined;
  readonly #isMachineGiven: boolean;
  readonly #awaited = new Map<number, () => void>();
  /** The runs that share the lane; and the one that has it alone. */
  readonly #shared = new Map<number, Run>();
  #run: Run | undefined;
  #lastJob = "no job";
  #prints = 0;

  constructor(post: PostToPool, options: LaneProgramOptions = {}) {
    this.#post = post;
    this.#machine = options.machine ?? denoLaneMachine();
    this.#isMachineGiven = options.machine !== undefined;
    this.#host = {
      post,
      clock: this.#machine.clock,
      heard: (seq) => post({ type: "ack", seq }),
    };
    this.#seal = options.seal ?? (() => {});
    this.#modules = options.modules ?? DISK;
    if (options.memory?.byteLength) this.#slots = new Slots(options.memory);
    if (options.isMeasured !== false) {
      this.#memory = new MemoryWatch({
        seen: (usedMb) => this.#slots?.beat(usedMb),
        exceeded: (memory) => post({ type: "out-of-memory", memory }),
        heavy: (heapMb) => post({ type: "heavy", heapMb }),
      });
      this.#meter = new Meter(this.#memory);
    }
  }

  /** Runs the jobs that are posted in shared memory, for ever. Returns at once. */
  serve(): void {
    const slots = this.#slots;
    if (slots === undefined) return;
    const host: SlotHost = {
      runSlot: (seq, startedMs) => this.#runSlot(slots, seq, startedMs),
      isShared: (seq) => this.#jobs[slots.job(seq)]!.isShared,
      isIdle: () => this.#run === undefined && this.#shared.size === 0,
    };
    void new SlotServer(slots, host).serve();
  }

  /** Sends what a job prints to the server's log, as much as a run may print. */
  print(level: "info" | "warn", text: string): void {
    if (++this.#prints > MAX_PRINTS + 1) return;
    const line = this.#prints > MAX_PRINTS
      ? `it printed more than ${MAX_PRINTS} lines; the rest is dropped`
      : text.slice(0, MAX_PRINT_LENGTH);
    this.#post({ type: "print", job: this.#lastJob, level, text: line });
  }

  /** What fails after its job's reply belongs to nobody: it is told, and must not end the lane. */
  catchStrayErrors(): void {
    const stray = (error: unknown) =>
      this.#post({ type: "stray", job: this.#lastJob, error: recordError(error) });
    globalThis.addEventListener("unhandledrejection", (event) => {
      event.preventDefault();
      stray(event.reason);
    });
    globalThis.addEventListener("error", (event) => {
      event.preventDefault();
      stray(event.error);
    });
  }

  /** Takes a message of the pool. */
  receive(message: ToLane): void {
    switch (message.type) {
      case "read":
        void this.#modules.read(message.folder, message.urls).then((read) => this.#post(read));
        return;
      case "load":
        if (this.#memory !== undefined) this.#memory.limitMb = message.memoryMb;
        void this.#load(message);
        return;
      case "run":
        void this.#runInput(message.seq, message.job, message.input);
        return;
      case "input":
        this.#inputs.set(message.seq, message.input);
        this.#awaited.get(message.seq)?.();
        return;
      case "ask":
        this.#runOf(message.seq)?.ask();
        return;
      case "test":
        this.#post({ type: "testing" });
        setImmediate(() => burn(message.loop));
        return;
      default:
        this.#runOf(message.seq)?.talk.receive(message);
    }
  }

  /** The run of this number, if it goes on. */
  #runOf(seq: number): Run | undefined {
    return this.#run?.seq === seq ? this.#run : this.#shared.get(seq);
  }

  /** One file after the other, each announced: who hangs here, or exits, is known by name. */
  async #load({ files, aside = [], snapshot }: JobCode): Promise<void> {
    if (snapshot !== undefined) await this.#modules.loadFrom(snapshot, files.map(({ url }) => url));
    for (const { index, url } of aside) this.#jobs[index] = new BrokenJob(url, new PutAside());
    for (const { index, url } of files) {
      this.#post({ type: "loading", index });
      try {
        const { default: definition } = await import(url);
        const manifest = manifestOf(definition);
        this.#jobs[index] = new LoadedJob(definition, await this.#machineFor(manifest.permissions));
        this.#post({ type: "loaded", index, manifest });
      } catch (thrown) {
        const error = recordError(thrown);
        this.#jobs[index] = new BrokenJob(url, unloaded(error));
        this.#post({ type: "broken", index, error });
      }
    }
    this.#seal();
    this.#post({ type: "ready" });
  }

  /** The parts that need permission are loaded for those jobs alone that ask for some. */
  async #machineFor(asked: PermissionRequest): Promise<Partial<JobMachine>> {
    if (this.#isMachineGiven || !asksForParts(asked)) return this.#machine;
    const { denoJobMachine } = await import("../../src/env/deno_job_machine.ts");
    return await denoJobMachine(asked);
  }

  /** Runs the job in a slot. Returns when it ended, or a promise if it has to wait. */
  #runSlot(slots: Slots, seq: number, startedMs: number): number | Promise<void> {
    const text = slots.text(seq);
    if (text === undefined) return this.#runSlotByMessage(slots, seq);
    const index = slots.job(seq);
    const job = this.#jobs[index]!;
    const run = this.#begin(seq, index, job, startedMs);
    let result: unknown;
    try {
      result = runForm(slots.form(seq), job, text, run);
    } catch (error) {
      return this.#sendEnd(run, run.endOf(error));
    }
    return this.#finishNow(slots, run, result) ?? this.#finishLater(run, result);
  }

  /** Ends a run whose result is there and fits into its slot. Returns when, if it does. */
  #finishNow(slots: Slots, run: Run, result: unknown): number | undefined {
    if (run.hasTalked) return undefined;
    const isText = typeof result === "string";
    const text = isText ? result : packValue(result);
    if (text === undefined || text.length > SLOT_TEXT) return undefined;
    const nowMs = performance.now();
    const ms = run.msUntil(nowMs);
    slots.finish(run.seq, ms, text, isText ? Form.TEXT : Form.VALUE, this.#over(run, ms));
    return nowMs;
  }

  async #runSlotByMessage(slots: Slots, seq: number): Promise<void> {
    const input = this.#inputs.get(seq) ?? await this.#input(seq);
    this.#inputs.delete(seq);
    await this.#runInput(seq, slots.job(seq), input);
  }

  async #input(seq: number): Promise<JobInput> {
    await new Promise<void>((came) => this.#awaited.set(seq, came));
    this.#awaited.delete(seq);
    return this.#inputs.get(seq)!;
  }

  #runInput(seq: number, index: number, input: JobInput): Promise<void> {
    const job = this.#jobs[index]!;
    const run = this.#begin(seq, index, job);
    const result = Promise.try(() => runInput(job, input, run));
    return this.#finishLater(run, result);
  }

  #begin(
    seq: number,
    index: number,
    job: LoadedJob | BrokenJob,
    startedMs: number = performance.now(),
  ): Run {
    this.#lastJob = job.name;
    this.#prints = 0;
    const run = new Run(seq, this.#slots, job, this.#host, startedMs);
    if (job.isShared) return this.#beginShared(run);
    this.#meter?.begin(index);
    return this.#run = run;
  }

  #beginShared(run: Run): Run {
    this.#shared.set(run.seq, run);
    this.#meter?.enter();
    return run;
  }

  async #finishLater(run: Run, result: unknown): Promise<void> {
    this.#sendEnd(run, ...await endOf(run, result));
  }

  /** Gives the pool the end of a run, and tells it. Returns when that was. */
  #sendEnd(run: Run, end: RunEnd, transfer?: readonly Transferable[]): number {
    const slots = this.#slots;
    const inSlot = slots && end.kind === "done" && this.#finishNow(slots, run, end.result);
    const nowMs = inSlot || this.#postEnd(run, end, transfer);
    slots?.poolBell.ring();
    return nowMs;
  }

  /** Sends the end first and then marks the slot, so that no end is ever awaited in vain. */
  #postEnd(run: Run, end: RunEnd, transfer?: readonly Transferable[]): number {
    const { seq } = run;
    const nowMs = performance.now();
    const runMs = run.msUntil(nowMs);
    run.end();
    const message = { type: "end", seq, runMs, figures: this.#over(run, runMs) } as const;
    try {
      this.#post({ ...message, end }, transfer);
    } catch (error) {
      this.#post({ ...message, end: uncloneable(error) });
    }
    this.#slots?.finishByMessage(seq, runMs);
    return nowMs;
  }

  #over(run: Run, ms: number): RunFigures | undefined {
    if (run !== this.#run) return this.#sharedOver(run);
    this.#run = undefined;
    return this.#meter?.end(ms);
  }

  /** What runs side by side use, nobody can tell apart. */
  #sharedOver({ seq }: Run): undefined {
    this.#shared.delete(seq);
    this.#meter?.leave();
  }
}

/** How a run ends whose result is there, now or later, and the buffers that go with it. */
async function endOf(run: Run, result: unknown): Promise<[RunEnd, (readonly Transferable[])?]> {
  try {
    const output = await result;
    if (!(output instanceof Transferred)) return [{ kind: "done", result: output }];
    return [{ kind: "done", result: output.value }, output.buffers];
  } catch (error) {
    return [run.endOf(error)];
  }
}

function unloaded({ message }: ErrorRecord): Error {
  return new Error(`Cannot run the job: its file could not be loaded: ${message}`);
}

function uncloneable(error: unknown): RunEnd {
  const { message } = recordError(error);
  return {
    kind: "failed",
    error: {
      name: "TypeError",
      message: `Cannot send the job's result to the server: ${message}. Return data only`,
    },
  };
}
