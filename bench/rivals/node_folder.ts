import { ROOT } from "../servers.ts";
import config from "../../deno.json" with { type: "json" };

const LIBRARIES = ["piscina", "tinypool", "workerpool", "poolifier"] as const;

/** A worker pool of npm that ours is compared with. */
export type Library = typeof LIBRARIES[number];

/** All that ours is compared with. */
export const libraries: readonly Library[] = LIBRARIES;

/** The version of a library that is pinned in `deno.json`. */
export function versionOf(library: Library): string {
  return config.imports[library].slice(`npm:${library}@`.length);
}

/**
 * A folder from which Node can run the files of `bench/rivals`: they are copied there, beside the
 * libraries in the versions that `deno.json` pins. npm is asked only when these have changed.
 */
export async function nodeFolder(): Promise<URL> {
  const folder = new URL("bench/.node/", ROOT);
  await Deno.mkdir(folder, { recursive: true });
  const dependencies = Object.fromEntries(LIBRARIES.map((name) => [name, versionOf(name)]));
  const manifest = JSON.stringify({ private: true, type: "module", dependencies });
  const path = new URL("package.json", folder);
  if (await Deno.readTextFile(path).catch(() => "") !== manifest) {
    await Deno.writeTextFile(path, manifest);
    await install(folder);
  }
  await copyScripts(folder);
  return folder;
}

async function install(folder: URL): Promise<void> {
  const { success } = await new Deno.Command("npm", {
    args: ["install", "--no-audit", "--no-fund", "--silent"],
    cwd: folder,
  }).output();
  if (success) return;
  await Deno.remove(new URL("package.json", folder));
  throw new Error("Cannot compare on Node: npm could not install the libraries");
}

async function copyScripts(folder: URL): Promise<void> {
  for await (const { name } of Deno.readDir(new URL("bench/rivals/", ROOT))) {
    if (!name.endsWith(".js")) continue;
    await Deno.copyFile(new URL(`bench/rivals/${name}`, ROOT), new URL(name, folder));
  }
}
