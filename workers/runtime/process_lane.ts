/**
 * A lane in a process of its own. It speaks in frames over a socket that it was started with: no
 * path and no permission lead to it, and none of its standard streams is it.
 *
 * @module
 */

import { encodeFrame, FrameReader } from "../../src/env/frames.ts";
import type { FromLane, ToLane } from "../../src/pool/link/mod.ts";
import { captureConsole } from "./capture_console.ts";
import { captureStreams } from "./capture_streams.ts";
import { harden } from "./harden.ts";
import { InheritedPipe } from "./inherited_pipe.ts";
import { LaneProgram } from "./lane_program.ts";
import { modules } from "./modules.ts";

/** After the standard streams. */
const DESCRIPTOR = 3;

// A terminal's Ctrl-C, and a service manager's stop, reach the whole group: the server decides what
// becomes of what runs here.
for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => {});

const pipe = new InheritedPipe(DESCRIPTOR);
const post = (message: FromLane | "up") => pipe.write(encodeFrame(message));
const { exit } = Deno;
const { seal } = harden();
const program = new LaneProgram(post, { seal, modules });
program.catchStrayErrors();
const print = program.print.bind(program);
captureConsole(print);
captureStreams(print);

const frames = new FrameReader();
pipe.read(
  (chunk) => {
    for (const message of frames.push(chunk)) program.receive(message as ToLane);
  },
  () => exit(), // the server is gone
);
post("up");
