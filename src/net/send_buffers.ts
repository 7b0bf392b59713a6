/** Larger writes save nothing: at this size the call costs less than the copy. */
const SEND_BUFFER_BYTES = 16384;

/** As many buffers are kept for reuse; a storm of writers makes more for itself. */
const MAX_FREE_BUFFERS = 64;

const free: Uint8Array[] = [];

/** A buffer for one batch. An idle writer holds none. */
export function borrowBuffer(): Uint8Array {
  return free.pop() ?? new Uint8Array(SEND_BUFFER_BYTES);
}

/** Gives a buffer back that nobody uses any more: no write of it may be under way. */
export function returnBuffer(buffer: Uint8Array): void {
  if (free.length < MAX_FREE_BUFFERS) free.push(buffer);
}
