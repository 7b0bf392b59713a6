import type { PERMISSION_KINDS } from "../../job/mod.ts";

/** What one kind of permission holds, as it is asked for and granted; `true` is all. */
export type Values = true | readonly string[] | undefined;

type Kind = typeof PERMISSION_KINDS[number];

/**
 * Whether all that is asked for was granted, as Deno would see it: a folder covers what is below
 * it, a host covers its ports, `*.example.com` the hosts below it, `AWS_*` the variables that begin
 * so. Elsewhere a value covers just itself.
 */
export function isCovered(kind: Kind, asked: Values, granted: Values): boolean {
  if (asked === undefined || granted === true) return true;
  if (asked === true) return false;
  const covers = COVERS[kind];
  return asked.every((value) => granted?.some((one) => one === value || covers(one, value)));
}

type Covers = (granted: string, asked: string) => boolean;

const COVERS: Readonly<Record<Kind, Covers>> = {
  net: coversHost,
  read: coversPath,
  write: coversPath,
  env: coversName,
  run: () => false,
  ffi: coversPath,
  sys: () => false,
  import: coversHost,
};

/** Absolute paths only: what a relative one means depends on who reads it. */
function coversPath(granted: string, asked: string): boolean {
  const folder = partsOf(granted);
  const path = partsOf(asked);
  return folder !== undefined && path !== undefined &&
    folder.every((part, i) => part === path[i]);
}

/** The parts of an absolute path, `.` and `..` resolved; `undefined` for any other. */
function partsOf(path: string): string[] | undefined {
  if (!path.startsWith("/")) return undefined;
  return path.split("/").reduce<string[]>((parts, part) => {
    if (part === "..") return parts.slice(0, -1);
    return part === "" || part === "." ? parts : [...parts, part];
  }, []);
}

function coversHost(granted: string, asked: string): boolean {
  const [host, port] = hostAndPort(granted);
  const [askedHost, askedPort] = hostAndPort(asked);
  if (port !== undefined && port !== askedPort) return false;
  return host === askedHost || (host.startsWith("*.") && askedHost.endsWith(host.slice(1)));
}

/** `[::1]:80`, `example.com:80`, `example.com`, and an IPv6 address, which has no port. */
function hostAndPort(value: string): [host: string, port: string | undefined] {
  const [, host, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(value.toLowerCase()) ?? [];
  return [host ?? value, port];
}

function coversName(granted: string, asked: string): boolean {
  return granted.endsWith("*") && asked.startsWith(granted.slice(0, -1));
}
