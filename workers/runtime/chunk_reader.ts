import { CHUNK_WINDOW } from "../../src/pool/link/mod.ts";
import type { Waits } from "./waits.ts";

type Arrived = { readonly chunk: unknown } | { readonly end: Error | undefined };

/** The chunks of a run's input, pulled from the submitter as the job uses them. */
export class ChunkReader implements AsyncIterableIterator<unknown, undefined> {
  readonly #waits: Waits;
  readonly #want: (chunks: number) => void;
  readonly #arrived: Arrived[] = [];
  #readers: PromiseWithResolvers<void>[] = [];
  #wanted = 0;
  #isOver = false;

  constructor(waits: Waits, want: (chunks: number) => void) {
    this.#waits = waits;
    this.#want = want;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    for (;;) {
      if (this.#isOver) return { done: true, value: undefined };
      const arrived = this.#arrived.shift();
      if (arrived !== undefined) return this.#take(arrived);
      this.#pull();
      const wait = this.#waits.begin<void>();
      this.#readers.push(wait);
      await wait.promise;
    }
  }

  /** The job leaves the loop: it wants no more. */
  return(): Promise<IteratorResult<unknown, undefined>> {
    this.#isOver = true;
    return Promise.resolve({ done: true, value: undefined });
  }

  /** A chunk has come. */
  receive(chunk: unknown): void {
    this.#arrive({ chunk });
  }

  /** No more will come, as there are none or for this reason. */
  end(error: Error | undefined): void {
    this.#arrive({ end: error });
  }

  #arrive(arrived: Arrived): void {
    this.#arrived.push(arrived);
    this.#readers.splice(0).forEach((reader) => reader.resolve());
  }

  #take(arrived: Arrived): IteratorResult<unknown, undefined> {
    if ("chunk" in arrived) {
      this.#wanted--;
      this.#pull();
      return { done: false, value: arrived.chunk };
    }
    this.#isOver = true;
    if (arrived.end !== undefined) throw arrived.end;
    return { done: true, value: undefined };
  }

  /** Keeps a few chunks under way, and asks for several at once. */
  #pull(): void {
    if (this.#wanted > CHUNK_WINDOW / 2) return;
    this.#want(CHUNK_WINDOW - this.#wanted);
    this.#wanted = CHUNK_WINDOW;
  }
}
