const ROOT = new URL("../", import.meta.url).pathname;

/** The path of a linted file from the root of the project, such as `src/net/mod.ts`. */
export function placeOf(filename: string): string {
  const path = filename.replaceAll("\\", "/");
  const absolute = /^[A-Za-z]:/.test(path) ? `/${path}` : path;
  const root = decodeURIComponent(ROOT);
  return absolute.startsWith(root) ? absolute.slice(root.length) : absolute.replace(/^\.?\/+/, "");
}

/** The place that `specifier` means when `from` imports it; none where it is no relative path. */
export function resolvePlace(from: string, specifier: string): string | undefined {
  if (!/^\.{1,2}\//.test(specifier)) return undefined;
  const { pathname } = new URL(specifier, `file:///root/${from}`);
  return pathname.startsWith("/root/") ? pathname.slice("/root/".length) : pathname;
}

/** The room of a place, such as `net` for `src/net/line_reader.ts`; none outside the rooms. */
export function roomOf(place: string): string | undefined {
  return /^src\/([^/]+)\//.exec(place)?.[1];
}
