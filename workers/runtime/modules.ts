import type { ModuleSource } from "./lane_program.ts";
import { loadFrom } from "./module_snapshot.ts";

/** The modules of a lane that has its isolate to itself. */
export const modules: ModuleSource = {
  loadFrom,
  async read(folder, urls) {
    // Few lanes read: the others need not load what reads.
    const { readModules } = await import("./module_reader.ts");
    return await readModules(folder, urls);
  },
};
