import type { Clock, Conn } from "../env/mod.ts";

/**
 * What a peer's FIN means for what it still waits for: `answer` it, `cancel` it, or `auto`: cancel
 * it when the peer has left.
 */
export type HalfClose = "auto" | "answer" | "cancel";

/** What {@linkcode hasDeparted} judges by. */
export interface DepartureOptions {
  readonly clock: Clock;
  readonly halfClose: HalfClose;
  /** Whether the FIN came so long after the last byte that it hardly ends a script's input. */
  readonly isLateFin: boolean;
  readonly signal: AbortSignal;
}

/** How often to look at a peer that is still there: soon at first, then twice as late each time. */
const FIRST_LOOK_MS = 50;
const LAST_LOOK_MS = 400;

/**
 * Watches a peer that has sent its FIN. Resolves to `true` once it has left, and to `false` when it
 * is to be answered; that may take as long as the peer stays.
 *
 * A client that ends (Ctrl-C) and one that has no more requests but waits for its replies
 * (`printf '50\n' | nc -N`) send the same FIN. On one machine, and on a Unix socket, the kernel
 * tells them apart. Across a network nothing does until we write, so there the time of the FIN
 * decides: a script sends it right behind its last line.
 */
export async function hasDeparted(conn: Conn, options: DepartureOptions): Promise<boolean> {
  const { clock, halfClose, isLateFin, signal } = options;
  if (halfClose === "answer") return false;
  if (halfClose === "cancel") return true;
  for (let pauseMs = FIRST_LOOK_MS;; pauseMs = Math.min(pauseMs * 2, LAST_LOOK_MS)) {
    const state = await conn.peer();
    if (state !== "there") return state === "gone" || isLateFin;
    await clock.sleep(pauseMs, { signal });
  }
}
