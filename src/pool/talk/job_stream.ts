import { JobError } from "../job_error.ts";
import type { Outcome } from "../outcome.ts";

interface Waiting<Item> {
  readonly item: Item;
  readonly taken: () => void;
}

/**
 * The items of a job, as it gives them: `for await` takes them, once and for one reader. Sixteen are
 * under way at most; then the job waits for its reader.
 *
 * The loop ends when the job is done; where it was not, it throws a {@linkcode JobError}. Who leaves
 * the loop cancels the job, and waits until it has stopped. The outcome comes in any case, once;
 * but a job whose items nobody takes stops no sooner than at its deadline.
 */
export class JobStream<Item, Result = void> implements AsyncIterable<Item>, AsyncDisposable {
  /** How the job ended. Its result is what its generator returned. Never rejects. */
  readonly outcome: Promise<Outcome<Result>>;

  readonly #cancel: () => void;
  readonly #items: Waiting<Item>[] = [];
  #reader: PromiseWithResolvers<void> | undefined;
  #ended: Outcome<Result> | undefined;
  #isRead = false;

  /** @ignore Made by `WorkerPool.stream`: `start` submits the job, whose items go to what it is given. */
  constructor(
    start: (put: (item: Item) => Promise<void>) => {
      readonly outcome: Promise<Outcome<Result>>;
      readonly cancel: () => void;
    },
  ) {
    const { outcome, cancel } = start((item) => this.#put(item));
    this.outcome = outcome;
    this.#cancel = cancel;
    void outcome.then((ended) => {
      this.#ended = ended;
      this.#reader?.resolve();
    });
  }

  /** The items, in their order. Throws a TypeError where they are read already. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, void> {
    if (this.#isRead) {
      throw new TypeError("Cannot read the items of a job: they are read already, by another loop");
    }
    this.#isRead = true;
    try {
      for (let next = await this.#next(); next !== undefined; next = await this.#next()) {
        yield next.item;
      }
    } finally {
      await this[Symbol.asyncDispose]();
    }
    if (this.#ended!.kind !== "done") throw new JobError(this.#ended!);
  }

  /** Cancels the job, unless it has ended, and waits until it has. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended === undefined) this.#cancel();
    await this.outcome;
  }

  #put(item: Item): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#items.push({ item, taken: resolve });
    this.#reader?.resolve();
    return promise;
  }

  /** The next item, when it is there; nothing when the job has ended and all are taken. */
  async #next(): Promise<Waiting<Item> | undefined> {
    while (this.#items.length === 0 && this.#ended === undefined) {
      this.#reader = Promise.withResolvers();
      await this.#reader.promise;
    }
    const next = this.#items.shift();
    next?.taken();
    return next;
  }
}
