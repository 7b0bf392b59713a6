/** The least that a lane can be: a thread that a Web Worker has started says that it is up. */
import { Worker as Thread } from "node:worker_threads";
import type { WorkerScope } from "./worker_scope.ts";

const scope = self as unknown as WorkerScope;
scope.onmessage = ({ data }) => {
  const program = 'require("node:worker_threads").parentPort.postMessage("up")';
  new Thread(program, { eval: true }).on("message", () => scope.postMessage(data));
};
