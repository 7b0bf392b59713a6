import type { Clock } from "../env/mod.ts";
import { Hearing } from "../net/mod.ts";

/** How much is taken of all who have much to be taken, in one turn: about a millisecond's work. */
const UNITS_A_TURN = 1024;

/**
 * Where it takes longer than that, for what they say is dear, or its code is new to the engine, so many
 * milliseconds end the turn: who has not had its part has it in the next. And they end the part of a
 * connection, which is looked at every so many units.
 */
const TURN_MS = 2;
const LOOK_UNITS = 32;

/** What each of them has of it at least, and a connection at first. */
const LEAST_UNITS = 32;
const FIRST_UNITS = 512;

/** So many characters of a line cost as much as a short line does. */
const UNIT_LENGTH_BITS = 4;

/** What a read costs, however little it brings; and so many bytes of it cost one more. */
const READ_UNITS = 4;
const READ_LENGTH_BITS = 9;

/** What a line costs, beside its length, that is more than a job's name and its text. */
const RARE_UNITS = 16;

/**
 * Gives connections their turns, so that one that sends without pause takes no more of the event
 * loop than its part.
 *
 * A read that finds bytes is over at once, within the same turn, up to 128 times in a row, so that
 * nothing but a timer lets the others in; and while there is one that waits for its turn, they are
 * heard before it.
 */
export class Turns {
  readonly #spent = new Set<Stint>();
  readonly #clock: Pick<Clock, "monotonic">;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hearing: Hearing | undefined;

  /** Turns whose length is told by `clock`. */
  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** The time, by which a turn ends. */
  get nowMs(): number {
    return this.#clock.monotonic();
  }

  /** Has a connection go on in a later turn. */
  add(stint: Stint): void {
    this.#spent.add(stint);
    if (this.#hearing === undefined) this.#timer ??= setTimeout(() => this.#due(), 0);
  }

  /** Takes out one that does not go on. */
  remove(stint: Stint): void {
    if (!this.#spent.delete(stint) || this.#spent.size > 0) return;
    clearTimeout(this.#timer);
    this.#hearing?.[Symbol.dispose]();
    this.#timer = this.#hearing = undefined;
  }

  #due(): void {
    this.#timer = undefined;
    for (const { isOver } of this.#spent) {
      if (isOver) return void (this.#hearing = new Hearing(() => this.#begin()));
    }
    this.#begin();
  }

  #begin(): void {
    this.#hearing = undefined;
    let left = this.#spent.size; // who is added again comes behind all
    const units = Math.max(LEAST_UNITS, Math.floor(UNITS_A_TURN / left));
    const endMs = this.nowMs + TURN_MS;
    for (const stint of this.#spent) {
      this.#spent.delete(stint);
      stint.begin(units);
      if (--left <= 0 || this.nowMs >= endMs) break;
    }
    if (this.#spent.size > 0) this.#timer ??= setTimeout(() => this.#due(), 0);
  }
}

/**
 * The work that one connection makes, counted in what a short line costs. It is given its next part
 * when it has used a half, so that one whose lines come at the pace of people, or of their replies,
 * never waits.
 */
export class Stint implements Disposable {
  readonly #turns: Turns;
  readonly #onTurn: () => void;
  #left = FIRST_UNITS;
  #half = FIRST_UNITS >> 1;
  #isQueued = false;
  /** How much it has used since the time was looked at. */
  #unseen = 0;
  /** For how long it has been served in this part; and since when it is served now, once that is known. */
  #servedMs = 0;
  #sinceMs = -Infinity;

  /** `onTurn` is called when one that was over goes on. It must not throw. */
  constructor(turns: Turns, onTurn: () => void) {
    this.#turns = turns;
    this.#onTurn = onTurn;
  }

  /** Whether it is the others' turn. */
  get isOver(): boolean {
    return this.#left <= 0;
  }

  /** Counts a line of so many characters. */
  countLine(length: number): void {
    this.#count(1 + (length >> UNIT_LENGTH_BITS));
  }

  /** Counts what a line takes that is no plain one. */
  countRare(): void {
    this.#count(RARE_UNITS);
  }

  /** What was done now is done. */
  leave(): void {
    if (this.#sinceMs === -Infinity) return;
    this.#servedMs += this.#turns.nowMs - this.#sinceMs;
    this.#sinceMs = -Infinity;
  }

  /** Counts a read that has brought so many bytes. */
  countRead(bytes: number): void {
    this.#count(READ_UNITS + (bytes >> READ_LENGTH_BITS));
  }

  /** Gives it so much to go on with; what it has had too much before is taken off. */
  begin(units: number): void {
    const wasOver = this.isOver;
    this.#left = Math.min(this.#left + units, units);
    this.#half = units >> 1;
    this.#servedMs = 0;
    this.#isQueued = this.isOver;
    if (this.isOver) this.#turns.add(this);
    else if (wasOver) this.#onTurn();
  }

  /** The connection has ended. */
  [Symbol.dispose](): void {
    this.#turns.remove(this);
  }

  #count(units: number): void {
    this.#left -= units;
    this.#unseen += units;
    if (this.#unseen >= LOOK_UNITS && this.#left > 0) this.#look();
    if (this.#left > this.#half || this.#isQueued) return;
    this.#isQueued = true;
    this.#turns.add(this);
  }

  #look(): void {
    this.#unseen = 0;
    const { nowMs } = this.#turns;
    if (this.#sinceMs === -Infinity) this.#sinceMs = nowMs;
    if (this.#servedMs + nowMs - this.#sinceMs >= TURN_MS) this.#left = 0;
  }
}
