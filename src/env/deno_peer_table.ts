import type { PeerState } from "./net.ts";
import { parseSockets, type SocketKey, socketKey } from "./proc_net.ts";

/** How long one reading of the kernel's table serves those whom it knows. */
const FRESH_MS = 100;

/** Where Linux lists its TCP sockets, whichever end of a connection they are. */
const TABLES = ["/proc/net/tcp", "/proc/net/tcp6"];

/**
 * Tells whether the peer of a TCP connection is still there, where peer and we are on the same
 * machine: then the peer's socket stands in the same table of the kernel as ours, with its owner.
 * A socket that its program has closed, or whose program has ended, has none.
 */
export class PeerTable {
  #sockets: Promise<Sockets> = Promise.resolve(undefined);
  #readAt = -Infinity;
  #next: Promise<Sockets> | undefined;

  /** What is known of the socket at the other end of the connection from `local` to `remote`. */
  async look(local: Deno.Addr, remote: Deno.Addr): Promise<PeerState> {
    if (local.transport !== "tcp" || remote.transport !== "tcp") return "unknown";
    const key = socketKey(remote, local);
    const now = performance.now();
    if ((await this.#read(now - FRESH_MS))?.get(key)) return "there";
    // Keep the second look: a table from before the connection must not say that it is gone.
    const sockets = await this.#read(now);
    if (sockets === undefined) return "unknown";
    return stateOf(sockets.get(key), remote.hostname);
  }

  /**
   * The tables as they were at `since` or later. All who need newer ones than are being read share
   * the next reading: with many thousand sockets each takes the kernel long.
   */
  #read(since: number): Promise<Sockets> {
    return since <= this.#readAt ? this.#sockets : this.#next ??= this.#readNext();
  }

  async #readNext(): Promise<Sockets> {
    await this.#sockets;
    this.#next = undefined;
    this.#readAt = performance.now();
    return await (this.#sockets = readTables());
  }
}

/** Whether a program owns the socket, by its key; `undefined` where it cannot be known. */
type Sockets = ReadonlyMap<SocketKey, boolean> | undefined;

/** The sockets of all tables; nothing where they cannot be read: no Linux, no permission. */
async function readTables(): Promise<Sockets> {
  try {
    const tables = await Promise.all(TABLES.map((path) => Deno.readTextFile(path)));
    return new Map(tables.flatMap(parseSockets));
  } catch {
    return undefined;
  }
}

function stateOf(owned: boolean | undefined, hostname: string): PeerState {
  if (owned === undefined) return isLoopback(hostname) ? "gone" : "unknown";
  return owned ? "there" : "gone";
}

function isLoopback(hostname: string): boolean {
  return hostname.startsWith("127.") || hostname === "::1" || hostname.startsWith("::ffff:127.");
}
