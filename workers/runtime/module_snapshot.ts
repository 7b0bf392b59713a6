import module from "node:module";
import type { ReadCode, Snapshot } from "../../src/pool/link/mod.ts";
import { wasmAsModule } from "./wasm_as_module.ts";

/** Keeps what a lane has to read, as it is not in its snapshot. */
export interface ModuleReader {
  /** What was read since the call before. */
  take(): ReadCode;
}

/** What can be in a snapshot: code. Data, such as JSON, is read where it is imported. */
const CODE = /\.[cm]?[jt]sx?$/;

/** Code of the other kind. */
const WASM = /\.wasm$/;

/** What `nextLoad` would make text of. */
const LOADED_BY_THE_PLATFORM = { format: "wasm", shortCircuit: true } as const;

/** The name of a package: neither a path nor a URL. */
const BARE = /^(?![a-z]+:|\.{0,2}\/)/i;

/**
 * Has the modules below the snapshot's folder be loaded from the snapshot, and what is not in it from
 * the disk. A module there that another imports is of the same version: it gets the same query.
 */
export async function readModules(snapshot: Snapshot): Promise<ModuleReader> {
  const { folder, sources, packages } = snapshot;
  // The platform finds packages as it reads imports on the disk, where they may be no more.
  await Promise.allSettled(packages.map((name) => import(import.meta.resolve(name))));
  let read = { sources: {} as Record<string, string>, packages: [] as string[] };
  module.registerHooks({
    resolve(specifier, context, nextResolve) {
      const version = versionOf(context.parentURL);
      if (version === "" || !context.parentURL!.startsWith(folder)) {
        return nextResolve(specifier, context);
      }
      if (BARE.test(specifier)) {
        read.packages.push(specifier);
        return nextResolve(import.meta.resolve(specifier), context);
      }
      const resolved = nextResolve(specifier, context);
      const isOurs = resolved.url.startsWith(folder) && versionOf(resolved.url) === "";
      return isOurs ? { ...resolved, url: resolved.url + version } : resolved;
    },
    load(url, context, nextLoad) {
      const known = sources[url];
      if (known !== undefined) return moduleOf(known);
      if (WASM.test(fileOf(url))) {
        if (!url.startsWith(folder)) return LOADED_BY_THE_PLATFORM;
        return moduleOf(read.sources[url] = wasmAsModule(Deno.readFileSync(new URL(fileOf(url)))));
      }
      const loaded = nextLoad(url, context);
      const isCode = url.startsWith(folder) && CODE.test(fileOf(url));
      if (isCode && typeof loaded.source === "string") read.sources[url] = loaded.source;
      return loaded;
    },
  });
  return {
    take() {
      const taken = read;
      read = { sources: {}, packages: [] };
      return taken;
    },
  };
}

function moduleOf(source: string) {
  return { format: "module", source, shortCircuit: true } as const;
}

function versionOf(url: string | undefined): string {
  const at = url?.indexOf("?") ?? -1;
  return at < 0 ? "" : url!.slice(at);
}

function fileOf(url: string): string {
  return url.replace(/\?.*/, "");
}
