import type { ByteSource } from "./bytes.ts";

/**
 * A source of these bytes, or of the UTF-8 of this text. Also known as `Flow.string_source`.
 *
 * @example
 * ```ts
 * import { BufReader, byteSource } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const reader = new BufReader(byteSource("one\ntwo\n"));
 * assertEquals(await reader.line(), "one");
 * ```
 */
export function byteSource(data: string | Uint8Array): ByteSource {
  let rest = typeof data === "string" ? new TextEncoder().encode(data) : data;
  return {
    read(buffer) {
      const taken = rest.subarray(0, buffer.length);
      buffer.set(taken);
      rest = rest.subarray(taken.length);
      return Promise.resolve(taken.length || null);
    },
  };
}
