import { BufWriter, type BufWriterOptions } from "./buf_writer.ts";

/** Options for a {@linkcode LineWriter}: those of a {@linkcode BufWriter}. */
export type LineWriterOptions = BufWriterOptions;

/**
 * Sends lines: a {@linkcode BufWriter} that ends them.
 *
 * ```ts
 * import { FakeClock, LineWriter } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const sent: string[] = [];
 * const sink = {
 *   write(data: Uint8Array) {
 *     sent.push(new TextDecoder().decode(data));
 *     return Promise.resolve(data.length);
 *   },
 * };
 * const writer = new LineWriter(sink, { clock: new FakeClock() });
 * writer.writeLine("Result: 832040");
 * writer.writeLine("Error: Invalid number");
 * await writer.close();
 * assertEquals(sent, ["Result: 832040\nError: Invalid number\n"]);
 * ```
 */
export class LineWriter extends BufWriter {
  /** Sends `line` and a line end, soon. Throws a `TypeError` after {@linkcode BufWriter.close}. */
  writeLine(line: string): void {
    this.write(`${line}\n`);
  }
}
