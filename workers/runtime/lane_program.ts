import { setImmediate } from "node:timers";
import type {
  FromLane,
  JobFile,
  JobInput,
  RunEnd,
  RunFigures,
  ToLane,
} from "../../src/pool/link/mod.ts";
import {
  Form,
  packValue,
  recordError,
  SLOT_TEXT,
  Slots,
  State,
  unpackValue,
} from "../../src/pool/link/mod.ts";
import { manifestOf } from "../../src/job/mod.ts";
import { MemoryWatch } from "./memory_watch.ts";
import { Meter } from "./meter.ts";
import { Run } from "./run.ts";
import { BrokenJob, LoadedJob } from "./loaded_job.ts";
import { burn } from "./test_loops.ts";

/** Options for {@linkcode LaneProgram}. */
export interface LaneProgramOptions {
  /** The memory shared with the pool; left out where jobs come as messages. */
  readonly memory?: SharedArrayBuffer;
  /** Called when the first job files have been loaded. */
  readonly seal?: () => void;
  /**
   * Whether to watch the memory, and to measure the runs. Turn it off where the program shares its
   * isolate.
   *
   * @default {true}
   */
  readonly isMeasured?: boolean;
}

/** How many lines one run may print; what comes after is dropped, and said to be. */
const MAX_PRINTS = 100;

/** How long a printed line may be; a longer one is cut. */
const MAX_PRINT_LENGTH = 4_096;

/** How long jobs that never wait may keep a lane from reading its messages, in milliseconds. */
const TURN_MS = 10;

/**
 * What a lane does, whatever thread or process it is: it loads job files, and starts jobs in
 * the order in which they were posted: one at a time, but for those that share the lane.
 */
export class LaneProgram {
  readonly #post: (message: FromLane) => void;
  readonly #slots: Slots | undefined;
  readonly #seal: () => void;
  readonly #jobs: (LoadedJob | BrokenJob)[] = [];
  readonly #inputs = new Map<number, JobInput>();
  readonly #memory: MemoryWatch | undefined;
  readonly #meter: Meter | undefined;
  readonly #heard = (seq: number): void => this.#post({ type: "ack", seq });
  readonly #awaited = new Map<number, () => void>();
  /** The runs that share the lane; and the one that has it alone. */
  readonly #shared = new Map<number, Run>();
  #run: Run | undefined;
  #lastJob = "no job";
  #prints = 0;

  constructor(post: (message: FromLane) => void, options: LaneProgramOptions = {}) {
    this.#post = post;
    this.#seal = options.seal ?? (() => {});
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
    if (this.#slots !== undefined) void this.#serveSlots(this.#slots);
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
      case "load":
        if (this.#memory !== undefined) this.#memory.limitMb = message.memoryMb;
        void this.#load(message.files);
        return;
      case "run":
        void this.#runInput(message.seq, message.job, message.input);
        return;
      case "input":
        this.#inputs.set(message.seq, message.input);
        this.#awaited.get(message.seq)?.();
        return;
      case "ask":
        (this.#run?.seq === message.seq ? this.#run : this.#shared.get(message.seq))?.ask();
        return;
      case "test":
        this.#post({ type: "testing" });
        setImmediate(() => burn(message.loop));
        return;
    }
  }

  /** One file after the other, each announced: who hangs here, or exits, is known by name. */
  async #load(files: readonly JobFile[]): Promise<void> {
    for (const { index, url } of files) {
      this.#post({ type: "loading", index });
      try {
        const { default: definition } = await import(url);
        const manifest = manifestOf(definition);
        this.#jobs[index] = new LoadedJob(definition);
        this.#post({ type: "loaded", index, manifest });
      } catch (thrown) {
        const error = recordError(thrown);
        this.#jobs[index] = new BrokenJob(url, error);
        this.#post({ type: "broken", index, error });
      }
    }
    this.#seal();
    this.#post({ type: "ready" });
  }

  async #serveSlots(slots: Slots): Promise<void> {
    let turnStarted = performance.now();
    for (let seq = 0;;) {
      const rings = slots.laneRings;
      const state = slots.state(seq);
      if (state === State.WITHDRAWN) {
        slots.free(seq++);
        slots.ringPool();
      } else if (state === State.POSTED) {
        if (!slots.start(seq)) continue;
        const { isShared } = this.#jobs[slots.job(seq)]!;
        const waiting = this.#runSlot(slots, seq++);
        if (waiting !== undefined && !isShared) await waiting;
        if (performance.now() - turnStarted < TURN_MS) continue;
        await new Promise((resume) => setImmediate(resume));
        turnStarted = performance.now();
      } else {
        await slots.laneRung(rings);
        turnStarted = performance.now();
      }
    }
  }

  /** Runs the job in a slot. Returns a promise only if it has to wait. */
  #runSlot(slots: Slots, seq: number): Promise<void> | undefined {
    const text = slots.text(seq);
    if (text === undefined) return this.#runSlotByMessage(slots, seq);
    const index = slots.job(seq);
    const job = this.#jobs[index]!;
    const run = this.#begin(seq, index, job);
    let result: unknown;
    try {
      result = runForm(slots.form(seq), job, text, run);
    } catch (error) {
      return this.#sendEnd(run, run.endOf(error));
    }
    return this.#finishNow(slots, run, result) ? undefined : this.#finishLater(run, result);
  }

  /** Ends a run whose result is there and fits into its slot. */
  #finishNow(slots: Slots, run: Run, result: unknown): boolean {
    const isText = typeof result === "string";
    const text = isText ? result : packValue(result);
    if (text === undefined || text.length > SLOT_TEXT) return false;
    const { seq, ms } = run;
    slots.finish(seq, ms, text, isText ? Form.TEXT : Form.VALUE, this.#over(run, ms));
    slots.ringPool();
    return true;
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
    const result = Promise.try(() => {
      if (typeof input === "string") return job.runText(input, run);
      return "json" in input ? job.runJson(input, run) : job.runValue(input.value, run);
    });
    return this.#finishLater(run, result);
  }

  #begin(seq: number, index: number, job: LoadedJob | BrokenJob): Run {
    this.#lastJob = job.name;
    this.#prints = 0;
    const run = new Run(seq, this.#slots, this.#heard);
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
    let end: RunEnd;
    try {
      end = { kind: "done", result: await result };
    } catch (error) {
      end = run.endOf(error);
    }
    this.#sendEnd(run, end);
  }

  /** Sends the end first and then marks the slot, so that no end is ever awaited in vain. */
  #sendEnd(run: Run, end: RunEnd): undefined {
    if (end.kind === "done" && this.#slots && this.#finishNow(this.#slots, run, end.result)) return;
    const { seq, ms } = run;
    const message = { type: "end", seq, runMs: ms, figures: this.#over(run, ms) } as const;
    try {
      this.#post({ ...message, end });
    } catch (error) {
      this.#post({ ...message, end: uncloneable(error) });
    }
    this.#slots?.finishByMessage(seq, ms);
    this.#slots?.ringPool();
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

function runForm(form: number, job: LoadedJob | BrokenJob, text: string, run: Run): unknown {
  if (form === Form.TEXT) return job.runText(text, run);
  return form === Form.JSON
    ? job.runJson({ json: text }, run)
    : job.runValue(unpackValue(text), run);
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
