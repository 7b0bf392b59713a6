import { type Clock, type Conn, NetError, writeAll } from "../env/mod.ts";
import { onAbort } from "../switch/mod.ts";

/** How long a client that is sent away may take to read why, in milliseconds. */
const LINGER_MS = 1000;

/** How much of what it sends is read and dropped: more of it is no honest client's. */
const MOST_UNREAD = 1 << 16;

/** What {@linkcode sendAway} works with. */
export interface FarewellOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Tells a client that it is not served, and closes. To close a socket over unread bytes is a reset,
 * which may overtake the words: so it reads what comes, though not for long and not much.
 */
export async function sendAway(
  conn: Conn,
  words: string,
  { clock, signal }: FarewellOptions,
): Promise<void> {
  using _closing = conn;
  const cut = onAbort(signal, () => conn.close());
  const late = clock.setTimer(LINGER_MS, () => conn.close());
  try {
    await writeAll(conn, new TextEncoder().encode(words));
    await conn.closeWrite();
    await discard(conn);
  } catch (error) {
    if (!(error instanceof NetError)) throw error; // it has left, or was too slow
  } finally {
    late.cancel();
    cut.remove();
  }
}

async function discard(conn: Conn): Promise<void> {
  const buffer = new Uint8Array(4096);
  for (let unread = 0; unread < MOST_UNREAD;) {
    const count = await conn.read(buffer);
    if (count === null) return;
    unread += count;
  }
}
