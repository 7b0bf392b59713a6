import type { Clock, Thread } from "../../env/mod.ts";
import { Form, packValue, SLOT_COUNT, SLOT_TEXT, Slots, State, unpackValue } from "../link/mod.ts";
import { recordError } from "../link/mod.ts";
import type { ErrorRecord, FromLane, JobInput, RunEnd, RunFigures } from "../link/mod.ts";

/** A run that has ended. */
export interface Ended {
  readonly runMs: number;
  readonly figures: RunFigures | undefined;
  readonly end: RunEnd;
}

/** How jobs get to a lane and back. Jobs are numbered from 0, and start in that order. */
export interface LaneLink {
  /** How many jobs may be with the lane at once. */
  readonly depth: number;

  /** Whether a job that was posted and not started can be taken back; where not, post none ahead. */
  readonly canWithdraw: boolean;

  /** How often the lane has said that its event loop turns, and the memory it then knew of, in MiB. */
  readonly beats: number;
  readonly heardMb: number;

  /**
   * Posts a job. The lane may not see it before `flush`. The ends of the jobs before one that is
   * expected to be quick may come with its own.
   */
  post(seq: number, job: number, input: JobInput, isQuick: boolean): void;

  /** Makes the lane see what was posted. */
  flush(): void;

  /** Whether a job that has not ended was started, as far as can be told. */
  isStarted(seq: number): boolean;

  /** Takes a job back that was not started. False: it was. */
  withdraw(seq: number): boolean;

  /** Whether the lane has gone past a job: one that was taken back, or whose end was taken. */
  hasPassed(seq: number): boolean;

  /** Asks a started job to stop. */
  ask(seq: number): void;

  /** Takes the end of a job, if it is there. Not to be asked again once it was. */
  takeEnd(seq: number): Ended | undefined;

  /** Takes the end of a job that the lane has told of. */
  received(message: FromLane & { type: "end" }): void;

  /** Lets go of a lane that has ended. */
  close(): void;
}

/** The link to a thread; `onEnd` is called when there may be ends to take. */
export function linkTo(thread: Thread, clock: Clock, onEnd: () => void): LaneLink {
  return thread.shared === undefined
    ? new MessageLink(thread, onEnd)
    : new SharedLink(thread, thread.shared, clock, onEnd);
}

/** How often in a row ends are taken before the event loop gets a turn. */
const MAX_ROUNDS = 8;

/** Jobs and results in shared memory; what is too large for it goes as messages. */
class SharedLink implements LaneLink {
  readonly depth = SLOT_COUNT;
  readonly canWithdraw = true;
  readonly #thread: Thread;
  readonly #slots: Slots;
  readonly #ends = new Map<number, Ended>();
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  #mustRing = false;
  #closed = false;

  constructor(thread: Thread, memory: SharedArrayBuffer, clock: Clock, onEnd: () => void) {
    this.#thread = thread;
    this.#slots = new Slots(memory);
    this.#clock = clock;
    this.#onEnd = onEnd;
    void this.#watch();
  }

  get beats(): number {
    return this.#slots.beats;
  }

  get heardMb(): number {
    return this.#slots.heardMb;
  }

  post(seq: number, job: number, input: JobInput, isQuick: boolean): void {
    this.#mustRing = true;
    if (typeof input === "number") return this.#slots.postInteger(seq, job, input, isQuick);
    const form = formOf(input);
    const text = textOf(input);
    // Before the slot, in which the job would wait for its input for ever if this throws.
    if (text === undefined || text.length > SLOT_TEXT) {
      this.#thread.post({ type: "input", seq, input });
    }
    this.#slots.post(seq, job, text, form, isQuick);
  }

  flush(): void {
    if (!this.#mustRing) return;
    this.#mustRing = false;
    this.#slots.laneBell.ring();
  }

  isStarted(seq: number): boolean {
    const state = this.#slots.state(seq);
    return state === State.STARTED || state === State.ASKED;
  }

  withdraw(seq: number): boolean {
    return this.#slots.withdraw(seq);
  }

  hasPassed(seq: number): boolean {
    return this.#slots.state(seq) !== State.WITHDRAWN;
  }

  ask(seq: number): void {
    if (this.#slots.ask(seq)) this.#thread.post({ type: "ask", seq });
  }

  takeEnd(seq: number): Ended | undefined {
    const state = this.#slots.state(seq);
    if (state === State.DONE) {
      const text = this.#slots.text(seq) ?? "";
      const result = this.#slots.form(seq) === Form.VALUE ? unpackValue(text) : text;
      const runMs = this.#slots.runMs(seq);
      const figures = this.#slots.figures(seq);
      return { runMs, figures, end: { kind: "done", result } };
    }
    const ended = state === State.SENT ? this.#ends.get(seq) : undefined;
    if (ended !== undefined) this.#ends.delete(seq);
    return ended;
  }

  received({ seq, runMs, figures, end }: FromLane & { type: "end" }): void {
    this.#ends.set(seq, { runMs, figures, end });
    this.#onEnd();
  }

  close(): void {
    this.#closed = true;
    this.#slots.poolBell.ring();
  }

  /** Waits for the bell, not for messages: it costs a third of one. */
  async #watch(): Promise<void> {
    const { poolBell } = this.#slots;
    let rounds = 0;
    while (!this.#closed) {
      const { rings } = poolBell;
      this.#onEnd();
      const rung = poolBell.rung(rings);
      if (rung !== undefined) {
        await rung;
        rounds = 0;
      } else if (++rounds === MAX_ROUNDS) {
        await this.#clock.sleep(0);
        rounds = 0;
      }
    }
  }
}

/** What the text of an input is. */
function formOf(input: Exclude<JobInput, number>): Form {
  if (typeof input === "string") return Form.TEXT;
  return "json" in input ? Form.JSON : Form.VALUE;
}

/** An input as a text for a slot, if all of it can be said by one. */
function textOf(input: Exclude<JobInput, number>): string | undefined {
  if (typeof input === "string") return input;
  if (input.streams) return undefined;
  if ("json" in input) return input.bigints === "number" ? undefined : input.json;
  return input.pull === undefined ? packValue(input.value) : undefined;
}

/** A job that is posted and not sent. */
interface Unsent {
  readonly job: number;
  readonly input: JobInput;
}

/** Why an input cannot be sent to a lane. */
export function unsendable(thrown: unknown): ErrorRecord {
  const { name, message } = recordError(thrown);
  return { name, message: `Cannot send the input to the job: ${message}. Send data only` };
}

/** Jobs and results as messages, for a lane that shares no memory. */
class MessageLink implements LaneLink {
  readonly beats = 0;
  readonly heardMb = 0;
  readonly depth = SLOT_COUNT;
  readonly canWithdraw = false;
  readonly #thread: Thread;
  readonly #onEnd: () => void;
  readonly #ends = new Map<number, Ended>();
  /** What was posted in this turn: it is sent at its end, so that it can be taken back until then. */
  readonly #unsent = new Map<number, Unsent>();

  constructor(thread: Thread, onEnd: () => void) {
    this.#thread = thread;
    this.#onEnd = onEnd;
  }

  post(seq: number, job: number, input: JobInput): void {
    this.#unsent.set(seq, { job, input });
  }

  flush(): void {
    for (const [seq, unsent] of this.#unsent) this.#send(seq, unsent);
  }

  /** What was sent counts as started: nobody can tell. */
  isStarted(seq: number): boolean {
    return !this.#unsent.has(seq);
  }

  withdraw(seq: number): boolean {
    const isUnsent = this.#unsent.delete(seq);
    // No message of the lane will say that it has gone past it.
    if (isUnsent) queueMicrotask(this.#onEnd);
    return isUnsent;
  }

  /** It keeps no place for a job that has ended before those posted earlier. */
  hasPassed(): boolean {
    return true;
  }

  ask(seq: number): void {
    this.#thread.post({ type: "ask", seq });
  }

  #send(seq: number, { job, input }: Unsent): void {
    this.#unsent.delete(seq);
    try {
      this.#thread.post({ type: "run", seq, job, input });
    } catch (error) {
      const end = { kind: "invalid", error: unsendable(error) } as const;
      this.received({ type: "end", seq, runMs: 0, end });
    }
  }

  takeEnd(seq: number): Ended | undefined {
    const ended = this.#ends.get(seq);
    this.#ends.delete(seq);
    return ended;
  }

  received({ seq, runMs, figures, end }: FromLane & { type: "end" }): void {
    this.#ends.set(seq, { runMs, figures, end });
    this.#onEnd();
  }

  close(): void {}
}
