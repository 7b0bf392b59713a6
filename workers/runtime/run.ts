import {
  type CallByName,
  Cancelled,
  InvalidInput,
  type JobContext,
  type JobLog,
  type JobMachine,
} from "../../src/job/mod.ts";
import {
  type ErrorRecord,
  recordError,
  type RunEnd,
  type Slots,
  State,
} from "../../src/pool/link/mod.ts";
import { PutAside } from "./loaded_job.ts";
import { RunTalk, type TalkHost } from "./run_talk.ts";

/** What a run needs of its job. */
export interface RunJob {
  readonly env: JobMachine;
}

/** What a run needs of its lane. */
export interface RunHost extends TalkHost {
  /** Called once, when the job has seen that it is asked to stop. */
  heard(seq: number): void;
}

/** One run of a job, and the context that the job sees of it. */
export class Run implements JobContext {
  readonly seq: number;
  readonly #slots: Slots | undefined;
  readonly #startedMs: number;
  readonly #job: RunJob;
  readonly #host: RunHost;
  #check: (() => void) | undefined;
  #controller: AbortController | undefined;
  #reason: Cancelled | undefined;
  #hasHeard = false;
  #talk: RunTalk | undefined;

  /** `startedMs` is when it began, by `performance.now()`. */
  constructor(
    seq: number,
    slots: Slots | undefined,
    job: RunJob,
    host: RunHost,
    startedMs: number = performance.now(),
  ) {
    this.seq = seq;
    this.#startedMs = startedMs;
    this.#slots = slots;
    this.#job = job;
    this.#host = host;
  }

  /** How long it has run at a moment, in milliseconds. */
  msUntil(nowMs: number): number {
    return nowMs - this.#startedMs;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#isAsked()) this.ask();
    }
    return this.#controller.signal;
  }

  /** A function of its own, made when first read: jobs take it out of the context by destructuring. */
  get check(): () => void {
    return this.#check ??= () => {
      if (!this.#isAsked()) return;
      const reason = this.ask();
      this.#acknowledge();
      throw reason;
    };
  }

  get progress(): JobContext["progress"] {
    return this.talk.progress;
  }

  get log(): JobLog {
    return this.talk.log;
  }

  get env(): JobMachine {
    return this.#job.env;
  }

  get call(): CallByName<string> {
    return this.talk.call;
  }

  /** What it says and hears while it runs. Made when first read. */
  get talk(): RunTalk {
    if (this.#talk === undefined) {
      this.#talk = new RunTalk(this.seq, this.#host);
      if (this.#isAsked()) this.#talk.stop(this.#cancelled());
    }
    return this.#talk;
  }

  /** Whether it may have said something: then its end must not overtake that. */
  get hasTalked(): boolean {
    return this.#talk !== undefined;
  }

  /** The run is over. */
  end(): void {
    this.#talk?.end();
  }

  /** Asks the job to stop. Returns the reason that its signal gives. */
  ask(): Cancelled {
    const reason = this.#cancelled();
    this.#talk?.stop(reason);
    if (this.#controller !== undefined) {
      this.#controller.abort(reason);
      this.#acknowledge();
    }
    return reason;
  }

  /** How the run ended, if the job has thrown this. */
  endOf(thrown: unknown): RunEnd {
    if (isA(PutAside, thrown)) return { kind: "aside" };
    if (isA(InvalidInput, thrown)) return { kind: "invalid", error: recordError(thrown.cause) };
    if (this.#isAsked() && isCancellation(thrown)) return { kind: "cancelled" };
    return { kind: "failed", error: withoutAdvice(recordError(thrown)) };
  }

  #isAsked(): boolean {
    return this.#reason !== undefined || this.#slots?.state(this.seq) === State.ASKED;
  }

  #acknowledge(): void {
    if (this.#hasHeard) return;
    this.#hasHeard = true;
    this.#host.heard(this.seq);
  }

  #cancelled(): Cancelled {
    return this.#reason ??= new Cancelled("the job was asked to stop");
  }
}

function isA<T extends Error>(type: new (...args: never) => T, thrown: unknown): thrown is T {
  // Not of a proxy, whose traps would run here.
  return Error.isError(thrown) && thrown instanceof type;
}

function isCancellation(thrown: unknown): boolean {
  return Error.isError(thrown) && recordError(thrown).name === "AbortError";
}

/** The platform advises to run again with a flag, which is not for the one who reads this. */
function withoutAdvice(error: ErrorRecord): ErrorRecord {
  if (error.name !== "NotCapable") return error;
  const message = error.message.replace(
    /, run again with the .* flag$/,
    ", which it was not granted",
  );
  return { ...error, message };
}
