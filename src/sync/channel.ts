import { Link, List, type WaitOptions } from "../switch/mod.ts";
import { ChannelClosedError } from "./channel_closed_error.ts";
import type { Case, Choice, Finish, Turn } from "./select.ts";
import { labelOf, titleOf } from "./title.ts";
import { Waiter } from "./waiter.ts";

/** Options for a {@linkcode Channel}. */
export interface ChannelOptions {
  /**
   * For messages.
   *
   * @default {""}
   */
  readonly name?: string;
}

/**
 * A queue between fibers that holds so many items and no more. Who puts into a full one waits, and
 * so does who takes from an empty one; each side is served in the order in which it came, and the
 * items come out in the order in which they went in.
 *
 * A capacity of 0 is a meeting: `put` waits until the item is taken. A capacity of 1 is a mailbox,
 * Lwt's mvar; there is no class of its own for that, as it would add nothing.
 *
 * Law 6: an item is either taken, once, or still there; cancelling somebody who waits takes
 * nothing away but the waiter and, if it wanted to put, its item.
 *
 * It iterates: `for await` takes items until the channel is closed. Several loops share the items;
 * leaving a loop does not close the channel. Eio's `Stream`, which cannot be closed; Go's channel.
 *
 * @example
 * ```ts
 * import { Channel, Switch } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const channel = new Channel<number>(2);
 * const seen = await Switch.run(async (sw) => {
 *   sw.fork(async () => {
 *     using _end = channel; // closes it when the last item is in
 *     for (const item of [1, 2, 3, 4]) await channel.put(item);
 *   });
 *   return await Array.fromAsync(channel);
 * });
 * assertEquals(seen, [1, 2, 3, 4]);
 * ```
 */
export class Channel<T> implements AsyncIterable<T>, Disposable {
  /** How many items it holds. */
  readonly capacity: number;
  /** The name that was given, or an empty string. */
  readonly name: string;

  readonly #items = new List<Item<T>>();
  readonly #takers = new List<Taker<T>>();
  readonly #putters = new List<Putter<T>>();
  readonly #takeTurn: Turn = { last: 0 };
  readonly #putTurn: Turn = { last: 0 };
  readonly #putLabel: string;
  readonly #takeLabel: string;
  #end: { readonly error: unknown } | undefined = undefined;

  /** Make an empty channel that holds `capacity` items. */
  constructor(capacity: number, { name = "" }: ChannelOptions = {}) {
    if (!Number.isSafeInteger(capacity) || capacity < 0) {
      throw new RangeError(
        `Cannot make a channel: capacity must be a whole number and not negative, got ${capacity}`,
      );
    }
    this.capacity = capacity;
    this.name = name;
    this.#putLabel = labelOf("Channel", name, "put");
    this.#takeLabel = labelOf("Channel", name, "take");
  }

  /** How many items are in it: those of waiting putters do not count. */
  get length(): number {
    return this.#items.size;
  }

  /** Whether it was closed. There may still be items to take. */
  get isClosed(): boolean {
    return this.#end !== undefined;
  }

  /** How many wait to put an item. */
  get waitingToPut(): number {
    return this.#putters.size;
  }

  /** How many wait to take an item. */
  get waitingToTake(): number {
    return this.#takers.size;
  }

  /**
   * Puts an item in, and waits while there is no room. Rejects with {@linkcode Cancelled} when
   * `signal` is aborted during the wait, and with {@linkcode ChannelClosedError}, or the error of
   * `close`, when the channel was closed or is meanwhile: the item is then not in it.
   */
  put(item: T, { signal }: WaitOptions = {}): Promise<void> {
    if (this.#end !== undefined) return Promise.reject(this.#closedError("put"));
    if (this.#accept(item)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiter = new PutWaiter(item, resolve, reject);
      this.#putters.push(waiter);
      waiter.giveUpOn(signal, this.#putLabel);
    });
  }

  /** Puts an item in if there is room or somebody waits for it. Throws where `put` would reject. */
  tryPut(item: T): boolean {
    if (this.#end !== undefined) throw this.#closedError("put");
    return this.#accept(item);
  }

  /**
   * Takes the oldest item out, and waits while there is none. Rejects with {@linkcode Cancelled}
   * when `signal` is aborted during the wait, and with {@linkcode ChannelClosedError}, or the error
   * of `close`, when the channel is closed and empty.
   *
   * An item that is a promise is awaited on its way out, like anything that a promise resolves to.
   */
  take({ signal }: WaitOptions = {}): Promise<T> {
    const taken = this.#next();
    if (taken !== undefined) return Promise.resolve(taken.value);
    if (this.#end !== undefined) return Promise.reject(this.#closedError("take"));
    return new Promise((resolve, reject) => {
      const waiter = new Waiter<T>(resolve, reject);
      this.#takers.push(waiter);
      waiter.giveUpOn(signal, this.#takeLabel);
    });
  }

  /**
   * Takes the oldest item out, as the `value` of what is returned; `undefined` where there is none
   * now. Throws where `take` would reject.
   */
  tryTake(): { readonly value: T } | undefined {
    const taken = this.#next();
    if (taken !== undefined) return { value: taken.value };
    if (this.#end !== undefined) throw this.#closedError("take");
    return undefined;
  }

  /** The case in which {@linkcode select} takes an item, and returns it. */
  takeCase(): Case<T>;
  /** The case in which {@linkcode select} takes an item, and returns what `fn` makes of it. */
  takeCase<R>(fn: (item: T) => R | Promise<R>): Case<R>;
  takeCase(fn: (item: T) => unknown = (item) => item): Case<unknown> {
    return {
      turn: this.#takeTurn,
      isReady: () => this.#hasNext || this.isClosed,
      perform: () => {
        const taken = this.#next();
        if (taken === undefined) throw this.#closedError("take");
        return () => fn(taken.value);
      },
      enlist: (choice) => this.#takers.push(new TakeEntry(choice, fn)),
    };
  }

  /** The case in which {@linkcode select} puts `item` in. */
  putCase(item: T): Case<void>;
  /** The case in which {@linkcode select} puts `item` in, and returns what `fn` returns. */
  putCase<R>(item: T, fn: Finish<R>): Case<R>;
  putCase(item: T, fn: Finish<unknown> = () => {}): Case<unknown> {
    return {
      turn: this.#putTurn,
      isReady: () => this.#hasRoom || this.isClosed,
      perform: () => {
        this.tryPut(item); // there is room, or it throws
        return fn;
      },
      enlist: (choice) => this.#putters.push(new PutEntry(choice, item, fn)),
    };
  }

  /**
   * Closes it: what is in it can still be taken, and nothing more put in. All that wait are
   * rejected, later puts and, when it is empty, takes too: with `error`, or with
   * {@linkcode ChannelClosedError} where none is given. Loops end, or throw `error`.
   *
   * A second time this does nothing.
   */
  close(error?: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    for (let next = this.#putters.shift(); next; next = this.#putters.shift()) {
      next.reject(this.#closedError("put"));
    }
    for (let next = this.#takers.shift(); next; next = this.#takers.shift()) {
      next.reject(this.#closedError("take"));
    }
  }

  /**
   * The items, to be taken in a loop, as by iterating over the channel itself; but the loop throws
   * {@linkcode Cancelled} when `signal` is aborted while it waits for the next.
   */
  values({ signal }: WaitOptions = {}): AsyncIterableIterator<T, undefined> {
    const options = signal === undefined ? {} : { signal };
    return {
      next: () => this.#iterate(options),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** The items, to be taken in a loop that ends when the channel is closed and empty. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return this.values();
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    this.close();
  }

  get #hasNext(): boolean {
    return this.#items.size > 0 || this.#putters.size > 0;
  }

  get #hasRoom(): boolean {
    return this.#takers.size > 0 || this.#items.size < this.capacity;
  }

  /** Hands `item` to the one who waits longest, or keeps it. False where it has no room. */
  #accept(item: T): boolean {
    const taker = this.#takers.shift();
    if (taker !== undefined) taker.resolve(item);
    else if (this.#items.size < this.capacity) this.#items.push(new Item(item));
    else return false;
    return true;
  }

  /** Takes the oldest item out; the one of the longest waiting putter moves up. */
  #next(): { readonly value: T } | undefined {
    const oldest = this.#items.shift();
    const putter = this.#putters.shift();
    if (putter !== undefined && oldest !== undefined) this.#items.push(new Item(putter.value));
    putter?.resolve();
    return oldest ?? putter;
  }

  async #iterate(options: WaitOptions): Promise<IteratorResult<T, undefined>> {
    try {
      return { done: false, value: await this.take(options) };
    } catch (error) {
      const isEnd = this.#end !== undefined && this.#end.error === undefined;
      if (isEnd && error instanceof ChannelClosedError) return { done: true, value: undefined };
      throw error;
    }
  }

  #closedError(action: string): unknown {
    const title = titleOf("channel", this.name);
    return this.#end?.error ?? new ChannelClosedError(`Cannot ${action}: the ${title} is closed`);
  }
}

/** An item in a channel. */
class Item<T> extends Link {
  constructor(readonly value: T) {
    super();
  }
}

/** One who waits for an item, alone or as a case of several. */
interface Taker<T> extends Link {
  resolve(item: T): void;
  reject(error: unknown): void;
}

/** One who waits for room for an item, alone or as a case of several. */
interface Putter<T> extends Link {
  readonly value: T;
  resolve(): void;
  reject(error: unknown): void;
}

class PutWaiter<T> extends Waiter<void> implements Putter<T> {
  constructor(readonly value: T, resolve: () => void, reject: (error: unknown) => void) {
    super(resolve, reject);
  }
}

class TakeEntry<T> extends Link implements Taker<T> {
  constructor(readonly choice: Choice<unknown>, readonly fn: (item: T) => unknown) {
    super();
  }

  resolve(item: T): void {
    this.choice.resolve(() => this.fn(item));
  }

  reject(error: unknown): void {
    this.choice.reject(error);
  }
}

class PutEntry<T> extends Link implements Putter<T> {
  constructor(
    readonly choice: Choice<unknown>,
    readonly value: T,
    readonly fn: Finish<unknown>,
  ) {
    super();
  }

  resolve(): void {
    this.choice.resolve(this.fn);
  }

  reject(error: unknown): void {
    this.choice.reject(error);
  }
}
