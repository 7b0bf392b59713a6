import type { ByteSink, ByteSource } from "./bytes.ts";
import { unlessAborted } from "./unless_aborted.ts";

/** Options for {@linkcode copy}. */
export interface CopyOptions {
  /** Gives the copying up. */
  readonly signal?: AbortSignal;
}

/** Few calls for much data; more saves nothing. */
const COPY_BUFFER_BYTES = 65536;

/**
 * Copies `source` to `sink` up to its end, and returns how many bytes that were. No more is read
 * than the sink has taken: a slow sink slows the source. The sink is left open. Rejects as the two
 * do, and with {@linkcode Cancelled} when `signal` is aborted; how far it came is not known then.
 *
 * Also known as `Flow.copy`.
 *
 * @example
 * ```ts
 * import { copy, FakeClock, FakeProcesses, Switch } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const processes = new FakeProcesses(new FakeClock(), {
 *   cat: ({ stdin, stdout }) => copy(stdin, stdout),
 * });
 * const { stdout } = await processes.run("cat", [], { stdin: "hello" });
 * assertEquals(stdout, "hello");
 * ```
 */
export async function copy(
  source: ByteSource,
  sink: ByteSink,
  { signal }: CopyOptions = {},
): Promise<number> {
  const buffer = new Uint8Array(COPY_BUFFER_BYTES);
  let copied = 0;
  for (let count; (count = await unlessAborted(source.read(buffer), signal, "bytes")) !== null;) {
    await unlessAborted(writeAll(sink, buffer.subarray(0, count)), signal, "room to write");
    copied += count;
  }
  return copied;
}

/** Writes `data` to `sink`, however many writes that takes. */
export async function writeAll(sink: ByteSink, data: Uint8Array): Promise<void> {
  for (let sent = 0; sent < data.length;) sent += await sink.write(data.subarray(sent));
}
