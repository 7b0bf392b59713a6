import { lineLog, type LineLogOptions } from "./line_log.ts";
import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";

/** A log on the standard error stream. Lines are out, and in order, when the call returns. */
export function denoLog(clock: Clock, options?: LineLogOptions): Log {
  const encoder = new TextEncoder();
  return lineLog((line) => writeAll(encoder.encode(line)), clock.now, options);
}

function writeAll(bytes: Uint8Array): void {
  try {
    for (let sent = 0; sent < bytes.length;) sent += Deno.stderr.writeSync(bytes.subarray(sent));
  } catch {
    // Nobody reads the log, or its disk is full: there is no place left to say so, and the server
    // matters more.
  }
}
