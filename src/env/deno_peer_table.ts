import type { PeerState } from "./net.ts";
import { parseSockets, type SocketKey, socketKey } from "./proc_net.ts";

/** How long one reading of the kernel's table serves those whom it knows. */
const FRESH_MS = 100;

/**
 * The pause behind a reading is so many times as long as that was, and at most so long, in
 * milliseconds: who has left must not hold a place that others wait for.
 */
const PACE = 10;
const MOST_PAUSE_MS = 500;

/** Where Linux lists its TCP sockets, whichever end of a connection they are. */
const TABLES = ["/proc/net/tcp", "/proc/net/tcp6"];

/** Options for a {@linkcode PeerTable}. */
export interface PeerTableOptions {
  /** Reads the kernel's tables; rejects where there are none, or they may not be read. */
  readonly read?: () => Promise<Uint8Array[]>;
  /** The monotonic time, in milliseconds. */
  readonly nowMs?: () => number;
}

/**
 * Tells whether the peer of a TCP connection is still there, where peer and we are on the same
 * machine: then the peer's socket stands in the same table of the kernel as ours, with its owner.
 * A socket that its program has closed, or whose program has ended, has none, and will have none: who
 * is gone in a reading that began behind its connection is gone for good, however old that is.
 *
 * With ten thousands of sockets a reading takes the kernel a tenth of a second. So there is a pause
 * behind each, ten times as long as it was, within bounds: meanwhile those of whom nothing newer is
 * known are there.
 */
export class PeerTable {
  readonly #readAll: () => Promise<Uint8Array[]>;
  readonly #nowMs: () => number;
  #sockets: Promise<Sockets> = Promise.resolve(undefined);
  #readings = 0;
  #readAt = -Infinity;
  #dueAt = -Infinity;
  #next: Promise<Sockets> | undefined;

  constructor({ read = readTables, nowMs = () => performance.now() }: PeerTableOptions = {}) {
    this.#readAll = read;
    this.#nowMs = nowMs;
  }

  /** How many readings have begun: by this a connection says since when it is there. */
  get readings(): number {
    return this.#readings;
  }

  /**
   * What is known of the socket at the other end of the connection from `local` to `remote`, which is
   * there since so many `readings` had begun.
   */
  async look(local: Deno.Addr, remote: Deno.Addr, since: number): Promise<PeerState> {
    if (local.transport !== "tcp" || remote.transport !== "tcp") return "unknown";
    if (!isHere(local.hostname, remote.hostname)) return "unknown";
    const key = socketKey(remote, local);
    const now = this.#nowMs();
    const isFresh = now - this.#readAt <= FRESH_MS;
    if (this.#readings > since) {
      const state = stateOf(key, await this.#sockets);
      if (state !== "there" || isFresh) return state;
    }
    if (this.#isPausing(now)) return await this.#sockets === undefined ? "unknown" : "there";
    return stateOf(key, await this.#read(now));
  }

  #isPausing(now: number): boolean {
    return now > this.#readAt && now < this.#dueAt && this.#next === undefined;
  }

  /**
   * The tables as they were at `since` or later, or as they were last, in the pause behind that. All
   * who need newer ones than are being read share the next reading.
   */
  #read(since: number): Promise<Sockets> {
    if (since <= this.#readAt || this.#isPausing(since)) return this.#sockets;
    return this.#next ??= this.#readNext();
  }

  async #readNext(): Promise<Sockets> {
    await this.#sockets;
    this.#next = undefined;
    this.#readings++;
    this.#readAt = this.#nowMs();
    this.#dueAt = Infinity;
    const sockets = await (this.#sockets = this.#parse());
    const now = this.#nowMs();
    this.#dueAt = now + Math.min(PACE * (now - this.#readAt), MOST_PAUSE_MS);
    return sockets;
  }

  /** The sockets of all tables; nothing where they cannot be read: no Linux, no permission. */
  async #parse(): Promise<Sockets> {
    try {
      return new Map((await this.#readAll()).flatMap(parseSockets));
    } catch {
      return undefined;
    }
  }
}

/** Whether a program owns the socket, by its key; `undefined` where it cannot be known. */
type Sockets = ReadonlyMap<SocketKey, boolean> | undefined;

function stateOf(key: SocketKey, sockets: Sockets): PeerState {
  if (sockets === undefined) return "unknown";
  return sockets.get(key) ? "there" : "gone";
}

function readTables(): Promise<Uint8Array[]> {
  return Promise.all(TABLES.map((path) => Deno.readFile(path)));
}

/** Whether both ends are on this machine, as far as their addresses tell. */
function isHere(local: string, remote: string): boolean {
  return remote === local || remote.startsWith("127.") || remote === "::1" ||
    remote.startsWith("::ffff:127.");
}
