/**
 * A warden: a Web Worker made with exactly the permissions of its scope. It runs no job's code. It
 * starts the scope's lanes, which share its permissions, and kills them. That they are gone is seen
 * by the main thread.
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

/** What a lane says first: that it listens, and which of the process's workers it is. */
export interface LaneUp {
  readonly type: "up";
  readonly worker: number;
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

/** What a warden tells: why a lane ended by itself. `code` is the platform's word for the error. */
export interface FromWarden {
  readonly id: number;
  readonly code: string;
  readonly reason: string;
}

/** The part of the heap for young objects, which V8 counts apart. */
const YOUNG_MB = 16;

const lanes = new Map<number, Thread>();

/** What a Web Worker has for its `self`. Deno declares it for whole files only. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ToWarden>) => void) | null;
  postMessage(message: FromWarden): void;
}

const scope = self as unknown as WorkerScope;

scope.onmessage = ({ data }) => {
  if (data.type === "start") start(data.id, data.memoryMb, data.data);
  else kill(data.id);
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
  lanes.set(id, thread);
  let code = "";
  let reason = "";
  thread.on("error", (error: { code?: string; message?: string }) => {
    code = error?.code ?? "";
    reason = error?.message ?? String(error);
  });
  thread.on("exit", (exitCode: number) => {
    if (!lanes.delete(id)) return;
    const ended: FromWarden = { id, code, reason: reason || `it exited with code ${exitCode}` };
    scope.postMessage(ended);
  });
}

/**
 * Kills a lane. It dies because it holds a lock: when its client is dropped the platform interrupts
 * it, so that the lock can be handed on.
 */
function kill(id: number): void {
  void lanes.get(id)?.terminate();
  lanes.delete(id);
}
