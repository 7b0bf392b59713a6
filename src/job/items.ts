import type { Received } from "./transfer.ts";

/** What a job gives that gives many results, one after the other: its items. */
export type Items<Item = unknown, Result = unknown> =
  | AsyncIterable<Item, Result, void>
  | Generator<Item, Result, void>;

/** What a submitter gets of one item of a job; of a job with one result, that result. */
export type JobItem<Output> = Output extends Items<infer Item> ? Received<Item> : Received<Output>;

/** What a submitter gets as the result of a job: of one that gives items, a list of them. */
export type JobResult<Output> = Output extends Items<infer Item> ? Received<Item>[]
  : Received<Output>;

/** What a reader of the items gets as the job's result: what its generator returned. */
export type JobReturn<Output> = Output extends Items<unknown, infer Result> ? Received<Result>
  : Received<Output>;

/**
 * Whether a job gave items and not one result: an async iterable, or the generator of a `*run`.
 * Arrays, strings and maps are results.
 */
export function isItems(output: unknown): output is Items {
  if (typeof output !== "object" || output === null) return false;
  if (Symbol.asyncIterator in output) return true;
  return Symbol.iterator in output && "next" in output && typeof output.next === "function";
}

/** The one iterator over the items. */
export function iteratorOf(items: Items): AsyncIterator<unknown> | Iterator<unknown> {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
}

/**
 * Takes the items one by one: `take` is called for each, and waited for before the next is made.
 * Resolves to what the generator returned. Where `take` or the job throws, the generator is ended,
 * so that its `finally` blocks run, and this rejects with the first error.
 */
export async function takeItems(
  items: Items,
  take: (item: unknown) => void | Promise<void>,
): Promise<unknown> {
  const iterator = iteratorOf(items);
  for (;;) {
    const next = await iterator.next();
    if (next.done === true) return next.value;
    try {
      await take(next.value);
    } catch (error) {
      await Promise.try(() => iterator.return?.()).catch(() => {}); // the first error counts
      throw error;
    }
  }
}
