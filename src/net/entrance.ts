import { unlessAborted } from "../env/mod.ts";
import type { WaitOptions } from "../switch/mod.ts";

/** What becomes of a connection: it is served, or told that it cannot be. */
export type Entry = "serve" | "refuse";

/** Below this part of the limit there is plenty of room again. */
const PLENTY = 0.9;

/** What an {@linkcode Entrance} lets in. */
export interface EntranceOptions {
  /** How many connections are served at a time. */
  readonly maxConnections: number;
  /** How many more are told at a time that they are not; with 0 they wait. */
  readonly maxRefusals: number;
}

/**
 * Counts the connections that are served, and those that are being told to come back later. Both
 * are bounded: a flood of connections beyond them waits in the kernel's queue, and costs nothing.
 */
export class Entrance {
  readonly #options: EntranceOptions;
  readonly #inside: Record<Entry, number> = { serve: 0, refuse: 0 };
  /** Made when somebody waits. */
  #room: PromiseWithResolvers<void> | undefined = undefined;
  #isCrowded = false;

  constructor(options: EntranceOptions) {
    this.#options = options;
  }

  /** Waits until a connection may be accepted. Rejects with {@linkcode Cancelled} by the signal. */
  async room({ signal }: WaitOptions): Promise<void> {
    while (this.#next() === undefined) {
      this.#room ??= Promise.withResolvers();
      await unlessAborted(this.#room.promise, signal, "a free connection");
    }
  }

  /** Takes a place, if there is one now. */
  tryEnter(): Entry | undefined {
    const entry = this.#next();
    if (entry !== undefined) this.#inside[entry]++;
    return entry;
  }

  /** Takes a place, and waits for one where others were faster. Give it back with `leave`. */
  async enter(options: WaitOptions): Promise<Entry> {
    await this.room(options);
    const entry = this.#next()!;
    this.#inside[entry]++;
    return entry;
  }

  /** Gives a place back. */
  leave(entry: Entry): void {
    this.#inside[entry]--;
    if (this.#inside.serve < PLENTY * this.#options.maxConnections) this.#isCrowded = false;
    this.#room?.resolve();
    this.#room = undefined;
  }

  /** Whether this refusal is the first since there was plenty of room: the one to tell of. */
  beginsToRefuse(): boolean {
    const begins = !this.#isCrowded;
    this.#isCrowded = true;
    return begins;
  }

  #next(): Entry | undefined {
    const { maxConnections, maxRefusals } = this.#options;
    if (this.#inside.serve < maxConnections) return "serve";
    return this.#inside.refuse < maxRefusals ? "refuse" : undefined;
  }
}
