/**
 * A lane: a thread of a scope, which runs one job at a time. The warden starts it.
 *
 * @module
 */

import { threadId, workerData } from "node:worker_threads";
import type { FromLane, ToLane } from "../../src/pool/link/mod.ts";
import { captureConsole } from "./capture_console.ts";
import { captureStreams } from "./capture_streams.ts";
import { harden } from "./harden.ts";
import { LaneProgram } from "./lane_program.ts";
import { modules } from "./modules.ts";
import type { LaneData, LaneUp } from "./warden.ts";
import { webLocks } from "./web_locks.ts";

const { port, memory, lock }: LaneData = workerData;

await holdLock(lock);
const { seal } = harden();
const program = new LaneProgram(post, { memory, seal, modules });
port.onmessage = ({ data }: MessageEvent<ToLane>) => program.receive(data);
program.catchStrayErrors();
const print = program.print.bind(program);
captureConsole(print);
captureStreams(print);
program.serve();
const up: LaneUp = { type: "up", worker: threadId };
port.postMessage(up);

function post(message: FromLane, transfer?: readonly Transferable[]): void {
  if (transfer === undefined) port.postMessage(message);
  else port.postMessage(message, [...transfer]);
}

/**
 * Holds a lock of its own for as long as the thread lives. Do this before anything else: it is the
 * lock that makes the platform interrupt a busy thread when it is terminated, so that the lock can
 * be handed on.
 */
function holdLock(name: string): Promise<void> {
  return new Promise((granted, refused) => {
    webLocks().request(name, () => {
      granted();
      return new Promise(() => {});
    }).catch(refused);
  });
}
