/**
 * A reader: a Web Worker that may read the folder of job files, and nothing else. It reads their code
 * for the lanes and runs none of it, so it need not be one that can be killed, and is up at once.
 *
 * @module
 */

import type { ToLane } from "../../src/pool/link/mod.ts";
import { readModules } from "./module_reader.ts";

/** What a Web Worker has for its `self`. Deno declares it for whole files only. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ToLane>) => void) | null;
  postMessage(message: unknown): void;
}

const scope = self as unknown as WorkerScope;

scope.onmessage = async ({ data }) => {
  if (data.type === "read") scope.postMessage(await readModules(data.folder, data.urls));
};
scope.postMessage("up");
