import { Writable } from "node:stream";
import type { PrintLevel } from "./capture_console.ts";

const LEVELS = { stdout: "info", stderr: "warn" } as const;

/**
 * Gives what jobs write to the standard streams to `print`, write for write: they are the server's
 * own, and what is written there would stand in the middle of its log.
 */
export function captureStreams(print: (level: PrintLevel, text: string) => void): void {
  for (const [name, level] of Object.entries(LEVELS)) {
    const put = (bytes: Uint8Array) => {
      print(level, new TextDecoder().decode(bytes).replace(/\n$/, ""));
      return bytes.length;
    };
    Object.defineProperty(Deno, name, { value: denoStream(put), configurable: false });
    Object.defineProperty(process, name, { value: nodeStream(put), configurable: false });
  }
}

type Put = (bytes: Uint8Array) => number;

function denoStream(put: Put): Omit<typeof Deno.stdout, typeof Symbol.dispose> {
  return {
    write: (bytes) => Promise.resolve(put(bytes)),
    writeSync: put,
    get writable() {
      return new WritableStream<Uint8Array<ArrayBufferLike>>({ write: (bytes) => void put(bytes) });
    },
    isTerminal: () => false,
    close: () => {},
  };
}

function nodeStream(put: Put): Writable {
  return new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      put(chunk);
      done();
    },
  });
}
