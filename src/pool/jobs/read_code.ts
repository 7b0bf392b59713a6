import type { Dir, Env, ScopeSpec, Thread } from "../../env/mod.ts";
import type { Switch } from "../../switch/mod.ts";
import type { FromLane } from "../link/mod.ts";
import { toFileUrl } from "./catalogue.ts";
import { NOTHING } from "./grants.ts";

/** How long the files may take to be read, in milliseconds. */
const READ_MS = 30_000;

/** The code of job files, and why some could not be read, by their URLs. */
export type ReadCode = Omit<FromLane & { readonly type: "read" }, "type">;

/**
 * Reads the code of job files and of all that they import by name, in a thread that may read their
 * folder, and runs none of it: those that run it need not read anything.
 */
export function readCode(
  sw: Switch,
  { clock, threads }: Pick<Env, "clock" | "threads">,
  dir: Dir,
  { isolation, memoryMb }: Pick<ScopeSpec, "isolation" | "memoryMb">,
  urls: readonly string[],
): Promise<ReadCode> {
  return sw.run(async (reading) => {
    const permissions = { ...NOTHING, read: [dir.path] };
    const spec = { name: "reader", isolation, permissions, memoryMb, onlyReads: true };
    const thread = await (await threads.open(reading, spec)).start(0);
    const late = Promise.withResolvers<never>();
    const timer = clock.setTimer(READ_MS, () => late.reject(new Error(`it took ${READ_MS} ms`)));
    try {
      return await Promise.race([late.promise, answerOf(thread, `${toFileUrl(dir.path)}/`, urls)]);
    } catch (cause) {
      const { message } = cause as Error;
      throw new Error(`Cannot read the job files of ${dir.path}: ${message}`, { cause });
    } finally {
      timer.cancel();
    }
  });
}

function answerOf(thread: Thread, folder: string, urls: readonly string[]): Promise<ReadCode> {
  return new Promise((resolve, reject) => {
    thread.onMessage((data) => {
      const message = data as FromLane;
      if (message.type === "read") resolve(message);
    });
    void thread.ended.then(() => reject(new Error("the thread that read them has ended")));
    thread.post({ type: "read", folder, urls });
  });
}
