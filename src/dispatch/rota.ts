import type { Clock } from "../env/mod.ts";
import { Hearing } from "../net/mod.ts";

/** How much is taken of all who have much to be taken, in one turn: about a millisecond's work. */
const UNITS_A_TURN = 1024;

/** What each of them has of it at least. */
const LEAST_UNITS = 32;

/**
 * Where it takes longer than that, for what they say is dear, or its code is new to the engine, so many
 * milliseconds end the turn: who has not had its part has it in the next.
 */
export const TURN_MS = 2;

/** Who is given turns. */
export interface Turner {
  /** Whether it has used what it was given, and waits. */
  readonly isOver: boolean;
  /** Gives it so much to go on with. */
  begin(units: number): void;
}

/**
 * Gives connections their turns, so that one that sends without pause takes no more of the event
 * loop than its part.
 *
 * A read that finds bytes is over at once, within the same turn, up to 128 times in a row, so that
 * nothing but a timer lets the others in; and while there is one that waits for its turn, they are
 * heard before it.
 */
export class Rota {
  readonly #spent = new Set<Turner>();
  readonly #clock: Pick<Clock, "monotonic">;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hearing: Hearing | undefined;

  /** A rota whose turns end by `clock`. */
  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** The time, by which a turn ends. */
  get nowMs(): number {
    return this.#clock.monotonic();
  }

  /** Has a connection go on in a later turn. */
  add(turner: Turner): void {
    this.#spent.add(turner);
    if (this.#hearing === undefined) this.#timer ??= setTimeout(() => this.#due(), 0);
  }

  /** Takes out one that does not go on. */
  remove(turner: Turner): void {
    if (!this.#spent.delete(turner) || this.#spent.size > 0) return;
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
    for (const turner of this.#spent) {
      this.#spent.delete(turner);
      turner.begin(units);
      if (--left <= 0 || this.nowMs >= endMs) break;
    }
    if (this.#spent.size > 0) this.#timer ??= setTimeout(() => this.#due(), 0);
  }
}
