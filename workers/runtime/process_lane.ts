/**
 * A lane in a process of its own: it speaks JSON, a message a line, over standard input and
 * output. Each line of its output begins with the token that it was given; what else is printed
 * there is the job's own, past `console`; its last line may have been left without an end.
 *
 * @module
 */

import { TextLineStream } from "@std/streams";
import type { FromLane, ToLane } from "../../src/pool/link/mod.ts";
import { captureConsole } from "./capture_console.ts";
import { harden } from "./harden.ts";
import { LaneProgram } from "./lane_program.ts";

const [token = ""] = Deno.args;
const { stdin, stdout } = Deno;
const encoder = new TextEncoder();

function post(message: FromLane | "up"): void {
  refuseCode(message);
  let bytes = encoder.encode(`\n${token}${JSON.stringify(message)}\n`);
  while (bytes.length > 0) bytes = bytes.subarray(stdout.writeSync(bytes));
}

/** JSON would make nothing of such a result, and say nothing. */
function refuseCode(message: FromLane | "up"): void {
  if (message === "up" || message.type !== "end" || message.end.kind !== "done") return;
  const type = typeof message.end.result;
  if (type === "function" || type === "symbol") throw new TypeError(`A ${type} is no data`);
}

// A terminal's Ctrl-C, and a service manager's stop, reach the whole group: the server decides what
// becomes of what runs here.
for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => {});

const { seal } = harden();
const program = new LaneProgram(post, { seal });
program.catchStrayErrors();
captureConsole((level, text) => program.print(level, text));
post("up");

const lines = stdin.readable.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
for await (const line of lines) program.receive(JSON.parse(line) as ToLane);
