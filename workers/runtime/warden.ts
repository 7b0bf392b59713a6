/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />
/// <reference lib="deno.unstable" />

/**
 * A warden: a Web Worker made with exactly the permissions of its scope. It runs no job's code. It
 * starts one lane, which shares its permissions, and kills it. That it is gone is seen by the main
 * thread.
 *
 * @module
 */

import { type MessagePort as NodePort, Worker as Thread } from "node:worker_threads";

/** What a lane is born with. */
export interface LaneData {
  readonly port: MessagePort;
  readonly memory: SharedArrayBuffer;
  readonly lock: string;
}

/** What a warden is told. */
export type ToWarden =
  | {
    readonly type: "start";
    readonly memoryMb: number;
    readonly data: LaneData;
  }
  | { readonly type: "kill" };

/** What a warden tells: why its lane ended by itself. `code` is the platform's word for the error. */
export interface FromWarden {
  readonly code: string;
  readonly reason: string;
}

/** The part of the heap for young objects, which V8 counts apart. */
const YOUNG_MB = 16;

let lane: Thread | undefined;

self.onmessage = ({ data }: MessageEvent<ToWarden>) => {
  if (data.type === "start") lane = start(data.memoryMb, data.data);
  else kill();
};

function start(memoryMb: number, data: LaneData): Thread {
  const thread = new Thread(new URL("./lane.ts", import.meta.url), {
    workerData: data,
    // One and the same class, which Deno declares twice.
    transferList: [data.port as unknown as NodePort],
    resourceLimits: {
      maxOldGenerationSizeMb: Math.max(memoryMb - YOUNG_MB, YOUNG_MB),
      maxYoungGenerationSizeMb: YOUNG_MB,
    },
  });
  let code = "";
  let reason = "";
  thread.on("error", (error: { code?: string; message?: string }) => {
    code = error?.code ?? "";
    reason = error?.message ?? String(error);
  });
  thread.on("exit", (exitCode: number) => {
    if (lane === undefined) return;
    const ended: FromWarden = { code, reason: reason || `it exited with code ${exitCode}` };
    self.postMessage(ended);
  });
  return thread;
}

/**
 * Kills the lane. It dies because it holds a lock: when its client is dropped the platform interrupts
 * it, so that the lock can be handed on.
 */
function kill(): void {
  void lane?.terminate();
  lane = undefined;
}
