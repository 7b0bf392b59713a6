/**
 * A lane's program in a plain worker: see `plain_threads.ts`.
 *
 * @module
 */

import { parentPort } from "node:worker_threads";
import type { ToLane } from "../../src/pool/link/mod.ts";
import { LaneProgram } from "../../workers/runtime/lane_program.ts";

interface Start {
  readonly port: MessagePort;
  readonly memory: SharedArrayBuffer;
}

function start({ port, memory }: Start): void {
  const program = new LaneProgram((message) => port.postMessage(message), {
    memory,
    isMeasured: false,
  });
  port.onmessage = ({ data }: MessageEvent<ToLane>) => program.receive(data);
  program.serve();
  port.postMessage("up");
}

if (parentPort !== null) parentPort.once("message", start);
else globalThis.addEventListener("message", (event) => start((event as MessageEvent<Start>).data));
