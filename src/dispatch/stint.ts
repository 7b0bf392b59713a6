import { type Rota, TURN_MS, type Turner } from "./rota.ts";

/** What a connection has at first. */
const FIRST_UNITS = 512;

/** Every so many units it is looked at for how long it has been served: its part ends by the clock, too. */
const LOOK_UNITS = 32;

/** So many characters of a line cost as much as a short line does. */
const UNIT_LENGTH_BITS = 4;

/** What a read costs, however little it brings; and so many bytes of it cost one more. */
const READ_UNITS = 4;
const READ_LENGTH_BITS = 9;

/** What a line costs, beside its length, that is more than a job's name and its text. */
const RARE_UNITS = 16;

/**
 * The work that one connection makes, counted in what a short line costs. It is given its next part
 * when it has used a half, so that one whose lines come at the pace of people, or of their replies,
 * never waits.
 */
export class Stint implements Disposable, Turner {
  readonly #rota: Rota;
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
  constructor(rota: Rota, onTurn: () => void) {
    this.#rota = rota;
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
    this.#servedMs += this.#rota.nowMs - this.#sinceMs;
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
    if (this.isOver) this.#rota.add(this);
    else if (wasOver) this.#onTurn();
  }

  /** The connection has ended. */
  [Symbol.dispose](): void {
    this.#rota.remove(this);
  }

  #count(units: number): void {
    this.#left -= units;
    this.#unseen += units;
    if (this.#unseen >= LOOK_UNITS && this.#left > 0) this.#look();
    if (this.#left > this.#half || this.#isQueued) return;
    this.#isQueued = true;
    this.#rota.add(this);
  }

  #look(): void {
    this.#unseen = 0;
    const { nowMs } = this.#rota;
    if (this.#sinceMs === -Infinity) this.#sinceMs = nowMs;
    if (this.#servedMs + nowMs - this.#sinceMs >= TURN_MS) this.#left = 0;
  }
}
