/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />
/// <reference lib="deno.unstable" />

/**
 * A warden: a Web Worker made with exactly the permissions of its scope. It runs no job's code. It
 * starts the scope's lanes, which share its permissions, kills them, and sees that they are gone.
 *
 * @module
 */

import { type MessagePort as NodePort, Worker as Thread } from "node:worker_threads";
import { webLocks } from "./web_locks.ts";

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
    readonly id: number;
    readonly memoryMb: number;
    readonly data: LaneData;
  }
  | { readonly type: "kill"; readonly id: number };

/** What a warden tells. `code` is the platform's word for the error that ended the lane. */
export type FromWarden =
  | { readonly type: "ended"; readonly id: number; readonly code: string; readonly reason: string }
  | { readonly type: "killed"; readonly id: number };

/** The part of the heap for young objects, which V8 counts apart. */
const YOUNG_MB = 16;

const lanes = new Map<number, { thread: Thread; lock: string }>();

self.onmessage = ({ data }: MessageEvent<ToWarden>) => {
  if (data.type === "start") start(data.id, data.memoryMb, data.data);
  else void kill(data.id);
};

function start(id: number, memoryMb: number, data: LaneData): void {
  const thread = new Thread(new URL("./lane.ts", import.meta.url), {
    workerData: data,
    // One and the same class, which Deno declares twice.
    transferList: [data.port as unknown as NodePort],
    resourceLimits: {
      maxOldGenerationSizeMb: Math.max(memoryMb - YOUNG_MB, YOUNG_MB),
      maxYoungGenerationSizeMb: YOUNG_MB,
    },
  });
  lanes.set(id, { thread, lock: data.lock });
  let code = "";
  let reason = "";
  thread.on("error", (error: { code?: string; message?: string }) => {
    code = error?.code ?? "";
    reason = error?.message ?? String(error);
  });
  thread.on("exit", (exitCode: number) => {
    if (!lanes.delete(id)) return;
    tell({ type: "ended", id, code, reason: reason || `it exited with code ${exitCode}` });
  });
}

/** Kills a lane, and tells of it when the lock that the lane held for life has been handed on. */
async function kill(id: number): Promise<void> {
  const lane = lanes.get(id);
  if (lane === undefined) return tell({ type: "killed", id });
  lanes.delete(id);
  void lane.thread.terminate();
  await webLocks().request(lane.lock, () => {});
  tell({ type: "killed", id });
}

function tell(message: FromWarden): void {
  self.postMessage(message);
}
