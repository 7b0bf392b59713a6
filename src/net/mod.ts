/**
 * Sockets as lines, and bytes of any source taken apart and put together.
 *
 * {@linkcode serveConnections} accepts connections and gives each its own
 * switch; {@linkcode Connection} makes one into a {@linkcode LineReader} and a
 * {@linkcode LineWriter}, and ends its switch when the peer goes away. {@linkcode BufReader} takes
 * what is no line: blocks, runs of bytes, what must come next; {@linkcode BufWriter} sends bytes and
 * text, many in one write, {@linkcode withWriter} for the time of one function.
 *
 * Kept here:
 * - Law 7: a connection that goes away cancels its requests.
 * - Law 12: every buffer, line and wait has a limit, and the error names it.
 *
 * ```ts
 * import { Connection, fakeEnv, serveConnections, Switch } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * await Switch.run(async (sw) => {
 *   const { net, clock, log } = fakeEnv();
 *   const listener = await net.listen(sw, { transport: "tcp", hostname: "127.0.0.1", port: 0 });
 *   sw.forkDaemon(() =>
 *     serveConnections(sw, listener, {
 *       maxConnections: 10,
 *       clock,
 *       log,
 *       async onConnection(sw, conn) {
 *         const { reader, writer } = new Connection(sw, conn, { clock });
 *         for await (const line of reader) writer.writeLine(`You said ${line}`);
 *         await writer.close();
 *       },
 *     })
 *   );
 *   const client = new Connection(sw, await net.connect(sw, listener.address), { clock });
 *   client.writer.writeLine("hello");
 *   assertEquals(await client.reader.readLine(), "You said hello");
 * });
 * ```
 *
 * @module
 */

export { BufReader, type BufReaderOptions, type ReadOptions } from "./buf_reader.ts";
export { BufWriter, type BufWriterOptions, type ReadyOptions } from "./buf_writer.ts";
export { Connection, type ConnectionOptions } from "./connection.ts";
export type { HalfClose } from "./departure.ts";
export { Hearing } from "./hearing.ts";
export {
  type Line,
  type LineFault,
  LineReader,
  type LineReaderOptions,
  type ReadLineOptions,
} from "./line_reader.ts";
export type { FillWatcher } from "./read_buffer.ts";
export { LineWriter, type LineWriterOptions } from "./line_writer.ts";
export { ReadError, type ReadErrorCode } from "./read_error.ts";
export { serveConnections, type ServeOptions } from "./serve.ts";
export { atTurnsEnd, type Task } from "./turns_end.ts";
export { withWriter, type WithWriterOptions } from "./with_writer.ts";
