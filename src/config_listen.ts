import type { Address } from "./env/mod.ts";
import type { ValueKind } from "./config_kinds.ts";

/** The sockets that a service manager hands over: all of them, or those of a name. */
export interface SystemdSockets {
  /** What tells the kinds of address apart. */
  readonly transport: "systemd";
  /** As `FileDescriptorName=` has it. */
  readonly name: string | undefined;
}

/** One of the places where a server is told to listen. */
export interface ListenPlace {
  readonly address: Address | SystemdSockets;
  /** Whether TLS is spoken there. */
  readonly tls: boolean;
}

const LOOPBACK = "127.0.0.1";
const HOST_AND_PORT = /^(?:\[([\da-f:.]+)\]|([\w.-]*)):(\d{1,5})$/i;
const MAX_PORT = 65_535;
const SYSTEMD = /^systemd(?::(.+))?$/;
const TLS = "tls:";
const UNIX = "unix:";

/** An address of a server. A port alone is one of this machine. */
export const address: ValueKind<Address> = {
  placeholder: "ADDRESS",
  allowed: "host:port, [ipv6]:port, :port (of this machine only) or unix:/path",
  parse: (text) => text.startsWith(UNIX) ? parseUnix(text) : parseTcp(text),
};

/** Places to listen, with commas between them. A port alone is one of this machine only. */
export const listenPlaces: ValueKind<readonly ListenPlace[]> = {
  placeholder: "ADDRESS",
  allowed:
    "host:port, [ipv6]:port, :port (of this machine only), unix:/path, tls:host:port or systemd, or several of them with commas",
  parse(text) {
    const places = text.split(",").map((one) => parsePlace(one.trim()));
    return places.some((place) => place === undefined) ? undefined : places as ListenPlace[];
  },
};

/** Whether only this machine can reach `address`. */
export function isLoopback(address: Address): boolean {
  if (address.transport === "unix") return true;
  const { hostname } = address;
  return hostname === "localhost" || hostname === "::1" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

function parsePlace(text: string): ListenPlace | undefined {
  if (text.startsWith(UNIX)) return plain(parseUnix(text));
  if (!text.startsWith(TLS)) return plain(parseSystemd(text) ?? parseTcp(text));
  const place = plain(parseSystemd(text.slice(TLS.length)) ?? parseTcp(text.slice(TLS.length)));
  return place && { ...place, tls: true };
}

function plain(address: ListenPlace["address"] | undefined): ListenPlace | undefined {
  return address && { address, tls: false };
}

function parseSystemd(text: string): SystemdSockets | undefined {
  const match = SYSTEMD.exec(text);
  return match === null ? undefined : { transport: "systemd", name: match[1] };
}

function parseUnix(text: string): Address | undefined {
  const path = text.slice(UNIX.length);
  return path === "" || path.includes("\0") ? undefined : { transport: "unix", path };
}

function parseTcp(text: string): Address | undefined {
  const match = HOST_AND_PORT.exec(text);
  if (match === null) return undefined;
  const [, ipv6, host, digits] = match;
  const port = Number(digits);
  const hostname = ipv6 ?? (host || LOOPBACK);
  return port <= MAX_PORT ? { transport: "tcp", hostname, port } : undefined;
}
