// @ts-check
import workerpool from "workerpool";
import { deeds } from "./deeds.js";
import { leaveMark } from "./marks.js";

workerpool.worker({
  ...deeds,

  /**
   * @this {{ worker: { addAbortListener(listener: () => Promise<void>): void } }}
   * @param {import("./rival.d.ts").Mark} mark
   */
  tidy(mark) {
    // deno-lint-ignore require-await -- the library wants a promise
    this.worker.addAbortListener(async () => leaveMark(mark));
    return new Promise(() => {});
  },

  progress() {
    for (const done of [1, 2, 3]) workerpool.workerEmit(done);
    return 3;
  },
});
