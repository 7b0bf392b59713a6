import { type FiberFunction, Switch, type WaitOptions } from "../switch/mod.ts";
import { callWith } from "./call_with.ts";
import { type Permit, Semaphore } from "./semaphore.ts";

/** Options for a {@linkcode ResourcePool}. */
export interface ResourcePoolOptions<T> {
  /**
   * For messages.
   *
   * @default {""}
   */
  readonly name?: string;

  /**
   * Whether a resource is still good, asked before it is used again. One that is not is disposed
   * of, and so is one for which this throws; the user then gets the error. It is given the signal
   * of that user.
   *
   * @default {() => true}
   */
  readonly validate?: (resource: T, signal: AbortSignal) => boolean | Promise<boolean>;

  /**
   * Whether a resource is still good after a use that threw `error`. One that is not is disposed
   * of, and so is one for which this throws.
   *
   * @default {() => true}
   */
  readonly check?: (resource: T, error: unknown) => boolean | Promise<boolean>;

  /**
   * Ends a resource. Nothing cancels this. What it throws goes to the user who waits for it; the
   * resource counts as gone all the same.
   *
   * @default {() => {}}
   */
  readonly dispose?: (resource: T) => unknown;
}

/** Options for {@linkcode ResourcePool.use}. */
export interface UseOptions extends WaitOptions {
  /**
   * Instead of waiting makes one resource more than the pool may hold, which is disposed of after
   * the use.
   *
   * @default {false}
   */
  readonly neverBlock?: boolean;
}

/**
 * Keeps so many resources for use again and again: connections, compiled modules, threads. They are
 * made when wanted, each is used by one at a time, and who finds all of them busy waits in line.
 *
 * Resources that are idle live on: clear the pool when its lifetime ends, or let a switch do so:
 * `sw.use(pool)`. Eio's `Pool`, with Lwt's `check` and `clear`.
 *
 * @example
 * ```ts
 * import { ResourcePool } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const log: string[] = [];
 * {
 *   await using pool = new ResourcePool(2, () => log.push("made"), {
 *     dispose: () => log.push("disposed"),
 *   });
 *   await pool.use((id) => log.push(`used ${id}`));
 *   await pool.use((id) => log.push(`used ${id}`));
 * }
 * assertEquals(log, ["made", "used 1", "used 1", "disposed"]);
 * ```
 */
export class ResourcePool<T> implements AsyncDisposable {
  /** How many resources it holds, at most. */
  readonly capacity: number;
  readonly #alloc: FiberFunction<T>;
  readonly #options: ResourcePoolOptions<T>;
  /** A permit for each resource that is used, made or disposed of; none for the idle ones. */
  readonly #places: Semaphore;
  readonly #idle: Entry<T>[] = [];
  #generation = 0;

  /**
   * Make a pool of `capacity` resources, which `alloc` makes: in the fiber of the one who wants it,
   * whose signal it is given, if it declares a parameter.
   */
  constructor(capacity: number, alloc: FiberFunction<T>, options: ResourcePoolOptions<T> = {}) {
    if (!Number.isSafeInteger(capacity) || capacity < 1) {
      throw new RangeError(
        `Cannot make a resource pool: capacity must be a whole number above 0, got ${capacity}`,
      );
    }
    this.capacity = capacity;
    this.#alloc = alloc;
    this.#options = options;
    this.#places = new Semaphore(capacity, { name: options.name ?? "" });
  }

  /** How many resources are there to be used again, and not for somebody who was just woken. */
  get idle(): number {
    return Math.min(this.#idle.length, this.#places.available);
  }

  /** How many resources are used, made or disposed of now, those beyond the capacity aside. */
  get busy(): number {
    return this.capacity - this.#places.available;
  }

  /** How many wait for a resource. */
  get waiting(): number {
    return this.#places.waiting;
  }

  /**
   * Calls `fn` with a resource that is its own until it has settled, and returns what it returned.
   * The one that was used last is used first; where none is idle it makes one, and where that would
   * be too many it waits, longest first.
   *
   * Rejects with what `fn` throws, with {@linkcode Cancelled} when `signal` is aborted during the
   * wait, and with what making, checking and disposing of the resource throws. A failure to make
   * one is the error of this user alone: the next in line tries again.
   */
  async use<R>(fn: (resource: T) => R | Promise<R>, options: UseOptions = {}): Promise<R> {
    const { signal, neverBlock = false } = options;
    using place = neverBlock ? this.#places.tryAcquire() : await this.#places.acquire(options);
    const hasPlace = place !== undefined;
    const entry = hasPlace ? await this.#obtain(signal) : await this.#make(signal);
    return await this.#lend(entry, fn, hasPlace);
  }

  /**
   * Disposes of all resources: the idle ones now, one after the other, the busy ones when they are
   * given back. Returns when the idle ones are gone. Rejects with what disposing of them throws,
   * after all are. The pool can be used meanwhile and afterwards, with resources made afresh.
   */
  async clear(): Promise<void> {
    this.#generation++;
    await Switch.run((sw) => {
      for (const { entry, place } of this.#takeIdle()) {
        sw.onRelease(() => this.#dispose(entry).finally(() => place.release()));
      }
    });
  }

  /** Clears the pool. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.clear();
  }

  /**
   * Takes out what is idle, each with a place: what is being disposed of still counts. Where places
   * are fewer, users have just been given them, and find the rest to be old.
   */
  *#takeIdle(): Iterable<{ entry: Entry<T>; place: Permit }> {
    while (this.#idle.length > 0) {
      const place = this.#places.tryAcquire();
      const entry = place && this.#idle.pop();
      if (place === undefined || entry === undefined) return;
      yield { entry, place };
    }
  }

  /** A resource for a user who has a place. */
  async #obtain(signal: AbortSignal | undefined): Promise<Entry<T>> {
    const entry = this.#idle.pop();
    if (entry === undefined) return await this.#make(signal);
    if (!this.#isOld(entry) && await this.#isValid(entry, signal)) return entry;
    await this.#dispose(entry);
    return await this.#make(signal);
  }

  async #make(signal: AbortSignal | undefined): Promise<Entry<T>> {
    const generation = this.#generation;
    return { resource: await callWith(this.#alloc, signal), generation };
  }

  async #isValid(entry: Entry<T>, signal: AbortSignal | undefined): Promise<boolean> {
    const { validate } = this.#options;
    if (validate === undefined) return true;
    try {
      return await callWith((signal) => validate(entry.resource, signal), signal);
    } catch (error) {
      return await failAfter(error, () => this.#dispose(entry));
    }
  }

  async #lend<R>(
    entry: Entry<T>,
    fn: (resource: T) => R | Promise<R>,
    mayStay: boolean,
  ): Promise<R> {
    let result: R;
    try {
      result = await fn(entry.resource);
    } catch (error) {
      return await failAfter(error, () => this.#takeBackAfter(error, entry, mayStay));
    }
    await this.#takeBack(entry, mayStay);
    return result;
  }

  async #takeBack(entry: Entry<T>, isGood: boolean): Promise<void> {
    if (isGood && !this.#isOld(entry)) this.#idle.push(entry);
    else await this.#dispose(entry);
  }

  /** Whether the pool was cleared since it was made. */
  #isOld({ generation }: Entry<T>): boolean {
    return generation !== this.#generation;
  }

  async #takeBackAfter(error: unknown, entry: Entry<T>, mayStay: boolean): Promise<void> {
    const { check = () => true } = this.#options;
    let isGood: boolean;
    try {
      isGood = await check(entry.resource, error);
    } catch (checkError) {
      return await failAfter(checkError, () => this.#dispose(entry));
    }
    await this.#takeBack(entry, isGood && mayStay);
  }

  async #dispose({ resource }: Entry<T>): Promise<void> {
    await this.#options.dispose?.(resource);
  }
}

/** A resource, and how often the pool had been cleared when it was made. */
interface Entry<T> {
  readonly resource: T;
  readonly generation: number;
}

/** Throws `error` after `cleanUp`, joined with what that throws: a switch does just this. */
function failAfter(error: unknown, cleanUp: () => unknown): Promise<never> {
  return Switch.run((sw) => {
    sw.onRelease(cleanUp);
    throw error;
  });
}
