import type { Clock, Conn, Listener, Log } from "../env/mod.ts";
import { formatAddress, NetError } from "../env/mod.ts";

/** The first pause after a failed accept; each further one is twice as long, up to the last. */
const FIRST_PAUSE_MS = 5;
const LAST_PAUSE_MS = 1000;

/** What {@linkcode acceptNext} works with. */
export interface AcceptOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Ends a pause between two attempts. */
  readonly signal: AbortSignal;
}

/**
 * Waits for the next connection, whatever goes wrong meanwhile: a server that is out of file
 * descriptors, or whose client gave up in the queue, pauses and tries again. Rejects only when the
 * listener is closed, or the signal aborted. A burst of failures is two lines in the log.
 */
export async function acceptNext(listener: Listener, options: AcceptOptions): Promise<Conn> {
  const { clock, log, signal } = options;
  for (let failures = 0, pauseMs = FIRST_PAUSE_MS;; failures++) {
    try {
      const conn = await listener.accept();
      if (failures > 0) {
        log.info("accepting again", { address: formatAddress(listener.address), failures });
      }
      return conn;
    } catch (error) {
      if (error instanceof NetError && error.code === "closed") throw error;
      const address = formatAddress(listener.address);
      if (failures === 0) log.warn("accepting fails, trying again", { address, error });
    }
    await clock.sleep(pauseMs, { signal });
    pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS);
  }
}
