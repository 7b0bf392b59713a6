/** A value whose buffers are handed over, made by {@linkcode transfer}. */
export class Transferred<T> {
  /** The value. */
  readonly value: T;

  /** What in it is handed over. */
  readonly buffers: readonly Transferable[];

  /** @ignore Made by {@linkcode transfer}. */
  constructor(value: T, buffers: readonly Transferable[]) {
    this.value = value;
    this.buffers = buffers;
  }
}

/** What the other side gets of a value that may be a {@linkcode Transferred} one. */
export type Received<T> = T extends Transferred<infer V> ? V : T;

/**
 * A result, or an item, whose large buffers go to the server without being copied: the job has them
 * no more. `buffers` are the `ArrayBuffer`s in it. From a lane in a process they are copied.
 *
 * @example
 * ```ts
 * import { defineJob, transfer } from "@switchyard/switchyard/job";
 * import * as v from "valibot";
 *
 * const zeros = defineJob({
 *   name: "zeros",
 *   summary: "So many zero bytes",
 *   input: v.number(),
 *   run(length) {
 *     const bytes = new Uint8Array(length);
 *     return transfer(bytes, [bytes.buffer]);
 *   },
 * });
 * ```
 */
export function transfer<T>(value: T, buffers: readonly Transferable[]): Transferred<T> {
  return new Transferred(value, buffers);
}

/** The value, whether or not it is transferred. */
export function received(value: unknown): unknown {
  return value instanceof Transferred ? value.value : value;
}
