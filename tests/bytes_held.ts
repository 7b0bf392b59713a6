import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** The bytes that are held on the heap, and outside of it by what is on the heap. */
export function bytesHeld(): { heap: number; external: number } {
  collect();
  const { heapUsed: heap, external } = Deno.memoryUsage();
  return { heap, external };
}
