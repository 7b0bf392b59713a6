/**
 * The memory that a pool shares with one lane: a ring of slots, each a request and then, in the
 * same place, its reply. A slot's state is the one truth about a job: who sets it from `POSTED`
 * wins, the lane by starting it or the pool by taking it back, and so a job that was not started
 * when its lane died can be moved, and one that was is never run twice (law 8).
 *
 * @module
 */

import { Bell } from "./bell.ts";
import type { RunFigures } from "./messages.ts";

/** How many jobs may be posted to a lane at once. A power of two. */
export const SLOT_COUNT = 256;

/** The most UTF-16 units of a text that fits into a slot; a longer one goes as a message. */
export const SLOT_TEXT = 240;

/** What a slot holds. */
export const State = {
  /** Nothing: no job yet, or one that was taken back and passed. */
  FREE: 0,
  /** A job that waits for its turn. */
  POSTED: 1,
  /** A job that runs. */
  STARTED: 2,
  /** A job that runs and has been asked to stop. */
  ASKED: 3,
  /** A job that the pool took back before its turn. */
  WITHDRAWN: 4,
  /** A result, in the slot: until the next job is posted there, though the pool has taken it. */
  DONE: 5,
  /** An end that comes as a message: likewise. */
  SENT: 6,
} as const;

/** In the place of a text's length: the input comes as a message. */
const BY_MESSAGE = -1;

const SLOT_WORDS = 128;
const HEADER_WORDS = 32;
// One cache line each, so that the two threads do not slow each other down.
const LANE_BELL = 0;
const POOL_BELL = 16;
// Written by the lane now and then, while its event loop turns.
const BEATS = 18;
const HEARD_KIB = 19;

const STATE = 0;
const JOB = 1;
const LENGTH = 2;
const MICROS = 3;
const FORM = 4;
// Figures, each one more than its value; 0 where there is none.
const CPU_MICROS = 5;
const HEAP_KIB = 6;
const QUICK = 7;
const TEXT = 8;

/** What a slot's text is. */
export const Form = {
  /** A text. */
  TEXT: 0,
  /** A value, packed into a text. */
  VALUE: 1,
  /** JSON, as a program elsewhere wrote it, or will read it. */
  JSON: 2,
  /** A text that is an integer, and is not written out. */
  INTEGER: 3,
} as const;

/** One of the forms of a slot's text. */
export type Form = typeof Form[keyof typeof Form];

/** The size of the shared memory of a lane, in bytes. */
export const SLOTS_BYTES = (HEADER_WORDS + SLOT_WORDS * SLOT_COUNT) * 4;

/** One side's view of the slots. A job is named by its sequence number, counted up from 0. */
export class Slots {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #units: Uint16Array<SharedArrayBuffer>;

  /** Rung when jobs have been posted, or taken back. */
  readonly laneBell: Bell;

  /** Rung when jobs have ended. */
  readonly poolBell: Bell;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
    this.#units = new Uint16Array(memory);
    this.laneBell = new Bell(this.#words, LANE_BELL);
    this.poolBell = new Bell(this.#words, POOL_BELL);
  }

  /** The state of the slot of `seq`. */
  state(seq: number): number {
    return Atomics.load(this.#words, slotOf(seq) + STATE);
  }

  /**
   * Posts a job with a text of this form, and says whether it is expected to be quick. The end of the
   * job before it in this slot must have been taken, or that been passed. Returns whether the input must follow as a message.
   */
  post(
    seq: number,
    job: number,
    text: string | undefined,
    form: Form = Form.TEXT,
    isQuick = false,
  ): boolean {
    const slot = slotOf(seq);
    const byMessage = text === undefined || text.length > SLOT_TEXT;
    this.#words[slot + LENGTH] = byMessage ? BY_MESSAGE : text.length;
    if (!byMessage) this.#write(slot, text);
    this.#post(slot, job, form, isQuick);
    return byMessage;
  }

  /** Posts a job in the same way whose text would write this integer of 32 bits. */
  postInteger(seq: number, job: number, n: number, isQuick = false): void {
    const slot = slotOf(seq);
    this.#words[slot + LENGTH] = 0;
    this.#words[slot + TEXT] = n;
    this.#post(slot, job, Form.INTEGER, isQuick);
  }

  /** Takes a posted job back. False: it has been started. */
  withdraw(seq: number): boolean {
    return this.#move(seq, State.POSTED, State.WITHDRAWN);
  }

  /** Asks a started job to stop. False: it is not running. */
  ask(seq: number): boolean {
    return this.#move(seq, State.STARTED, State.ASKED);
  }

  /** Starts a posted job. False: it was taken back, or none is there. */
  start(seq: number): boolean {
    return this.#move(seq, State.POSTED, State.STARTED);
  }

  /** The number of the job that the slot asks for. */
  job(seq: number): number {
    return this.#words[slotOf(seq) + JOB]!;
  }

  /** Whether the job was expected to be quick. */
  isQuick(seq: number): boolean {
    return this.#words[slotOf(seq) + QUICK] === 1;
  }

  /** The slot's text; `undefined` where it comes as a message. */
  text(seq: number): string | undefined {
    const slot = slotOf(seq);
    const length = this.#words[slot + LENGTH]!;
    if (this.#words[slot + FORM] === Form.INTEGER) return String(this.#words[slot + TEXT]);
    // Clamped: what a lane writes here must not be able to stop the other side.
    return length === BY_MESSAGE ? undefined : this.#read(slot, Math.min(length, SLOT_TEXT));
  }

  /** What the slot's text is: one of {@linkcode Form}. */
  form(seq: number): number {
    return this.#words[slotOf(seq) + FORM]!;
  }

  /** How long the job ran, in milliseconds, once it has ended. */
  runMs(seq: number): number {
    return this.#words[slotOf(seq) + MICROS]! / 1000;
  }

  /** What else was measured of a job that has ended. */
  figures(seq: number): RunFigures | undefined {
    const slot = slotOf(seq);
    const cpu = this.#words[slot + CPU_MICROS]!;
    const heap = this.#words[slot + HEAP_KIB]!;
    if (cpu === 0 && heap === 0) return undefined;
    return {
      ...(cpu === 0 ? {} : { cpuMs: (cpu - 1) / 1000 }),
      ...(heap === 0 ? {} : { heapPeakMb: (heap - 1) / 1024 }),
    };
  }

  /** Ends a job with a result, if its text fits. False: it must go as a message. */
  finish(
    seq: number,
    runMs: number,
    text: string,
    form: Form = Form.TEXT,
    figures?: RunFigures,
  ): boolean {
    if (text.length > SLOT_TEXT) return false;
    const slot = slotOf(seq);
    this.#words[slot + CPU_MICROS] = wordOf(figures?.cpuMs, 1000);
    this.#words[slot + HEAP_KIB] = wordOf(figures?.heapPeakMb, 1024);
    this.#words[slot + LENGTH] = text.length;
    this.#words[slot + FORM] = form;
    this.#write(slot, text);
    this.#end(slot, runMs, State.DONE);
    return true;
  }

  /** Ends a job whose end has been sent as a message. */
  finishByMessage(seq: number, runMs: number): void {
    this.#end(slotOf(seq), runMs, State.SENT);
  }

  /** Goes past a job that was taken back. */
  pass(seq: number): void {
    Atomics.store(this.#words, slotOf(seq) + STATE, State.FREE);
  }

  /** Says that the lane's event loop turns, and how much memory the lane knows of. */
  beat(memoryMb: number): void {
    this.#words[HEARD_KIB] = memoryMb * 1024;
    Atomics.add(this.#words, BEATS, 1);
  }

  /** How often the lane has said that its event loop turns. */
  get beats(): number {
    return Atomics.load(this.#words, BEATS);
  }

  /** How much memory the lane knew of when it last said so, in MiB. */
  get heardMb(): number {
    return this.#words[HEARD_KIB]! / 1024;
  }

  #post(slot: number, job: number, form: Form, isQuick: boolean): void {
    this.#words[slot + JOB] = job;
    this.#words[slot + FORM] = form;
    this.#words[slot + QUICK] = Number(isQuick);
    Atomics.store(this.#words, slot + STATE, State.POSTED);
  }

  #move(seq: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.#words, slotOf(seq) + STATE, from, to) === from;
  }

  #end(slot: number, runMs: number, state: number): void {
    this.#words[slot + MICROS] = Math.min(runMs * 1000, 0x7fffffff);
    Atomics.store(this.#words, slot + STATE, state);
  }

  #write(slot: number, text: string): void {
    const start = (slot + TEXT) * 2;
    for (let i = 0; i < text.length; i++) this.#units[start + i] = text.charCodeAt(i);
  }

  #read(slot: number, length: number): string {
    const start = (slot + TEXT) * 2;
    let text = "";
    for (let i = start; i < start + length; i++) text += String.fromCharCode(this.#units[i]!);
    return text;
  }
}

function wordOf(value: number | undefined, scale: number): number {
  return value === undefined ? 0 : Math.min(value * scale + 1, 0x7fffffff);
}

function slotOf(seq: number): number {
  return HEADER_WORDS + (seq & (SLOT_COUNT - 1)) * SLOT_WORDS;
}
