import module from "node:module";
import { graphOf, type Snapshot, sourceKey } from "../../src/pool/link/mod.ts";
import { BY_THE_PLATFORM, isWasm } from "./is_wasm.ts";
import { linkModule } from "./link_module.ts";

/** Who imports the job files. */
const PROGRAM = new URL("./lane_program.ts", import.meta.url).href;

/** The name of a package: neither a path nor a URL. */
const BARE = /^(?![a-z]+:|\.{0,2}\/)/i;

/**
 * Has job files be loaded from a snapshot, and all that they import by name. What is in it beside
 * that, for another job, is refused; all else is up to the platform, and the permissions.
 */
export async function loadFrom(snapshot: Snapshot, jobs: readonly string[]): Promise<void> {
  const { sources, imports } = snapshot;
  const graphs = jobs.map((url) => graphOf(snapshot, [url]));
  await Promise.allSettled(unprepared(snapshot).map((url) => linkModule(url)));
  module.registerHooks({
    resolve(specifier, context, nextResolve) {
      const parent = context.parentURL ?? "";
      const url = imports.get(parent)?.get(specifier);
      if (url !== undefined) return { url, shortCircuit: true };
      const isPackage = sources.has(parent) && BARE.test(specifier);
      const resolved = nextResolve(isPackage ? import.meta.resolve(specifier) : specifier, context);
      const isKnown = parent === PROGRAM || !sources.has(resolved.url) ||
        graphs.some((graph) => graph.has(parent) && graph.has(resolved.url));
      if (isKnown) return resolved;
      throw new TypeError(
        `Cannot import "${specifier}": it is not among the modules that the job file imports by name`,
      );
    },
    load(url, context, nextLoad) {
      const { type } = context.importAttributes;
      const source = sources.get(sourceKey(url, type));
      if (source === undefined) return isWasm(url) ? BY_THE_PLATFORM : nextLoad(url, context);
      return { format: type === "json" ? "json" : "module", source, shortCircuit: true };
    },
  });
}

/**
 * What hooks can lead to only once the platform has found it: WebAssembly as data, and packages
 * that this process has not seen yet. It finds those by itself that are imported late.
 */
function unprepared({ sources, imports }: Snapshot): string[] {
  const urls = [...imports.values()].flatMap((its) =>
    [...its].flatMap(([specifier, url]) => {
      if (url.startsWith("data:")) return [url];
      if (sources.has(url) || url.startsWith("npm:")) return [];
      return BARE.test(specifier) ? [import.meta.resolve(specifier)] : [specifier];
    })
  );
  return [...new Set(urls)].filter((url) => !url.startsWith("file:"));
}
