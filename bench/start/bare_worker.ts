/** The least that a Web Worker can be: it answers one message. */
import type { WorkerScope } from "./worker_scope.ts";

const scope = self as unknown as WorkerScope;
scope.onmessage = ({ data }) => scope.postMessage(data);
