import type { ByteSink } from "../env/mod.ts";
import { onAbort } from "../switch/mod.ts";
import { BufWriter, type BufWriterOptions } from "./buf_writer.ts";

/** Options for {@linkcode withWriter}. */
export interface WithWriterOptions extends BufWriterOptions {
  /** Gives up: what is pending is dropped, and a wait for it rejects. */
  readonly signal?: AbortSignal;
}

/**
 * Runs `fn` with a writer to `sink`, and returns what it returned after all is sent. When `fn`
 * throws, what it wrote is sent before the error goes on. When `signal` is aborted, or `fn` throws a
 * cancellation, what is pending is dropped: a cancelled conversation says no goodbyes. Rejects as
 * `fn` and the writer do.
 *
 * Also known as `Buf_write.with_flow`.
 *
 * @example
 * ```ts
 * import { type ByteSink, FakeClock, withWriter } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const sent: string[] = [];
 * const sink: ByteSink = {
 *   write(data) {
 *     sent.push(new TextDecoder().decode(data));
 *     return Promise.resolve(data.length);
 *   },
 * };
 * await withWriter(sink, { clock: new FakeClock() }, (writer) => writer.write("Hello"));
 * assertEquals(sent, ["Hello"]);
 * ```
 */
export async function withWriter<T>(
  sink: ByteSink,
  { signal, ...options }: WithWriterOptions,
  fn: (writer: BufWriter) => T | Promise<T>,
): Promise<T> {
  const writer = new BufWriter(sink, options);
  const abort = signal && onAbort(signal, (reason) => writer.abort(reason));
  try {
    const value = await run(writer, fn);
    await writer.close();
    return value;
  } finally {
    abort?.remove();
  }
}

async function run<T>(writer: BufWriter, fn: (writer: BufWriter) => T | Promise<T>): Promise<T> {
  try {
    return await fn(writer);
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") writer.abort(error);
    await writer.close().catch(() => {}); // the first error is the one to tell
    throw error;
  }
}
