const VARIABLE = "DENO_TOKIO_EVENT_INTERVAL";

/** Where the variable says nothing. */
const DEFAULT_ROUNDS = 61;

/** Nobody is to wait for more: some milliseconds. */
const MOST_ROUNDS = 1024;

/**
 * After how many of its rounds the platform's event loop asks the kernel what has come, as long as it
 * has anything to do. Without the permission to read the variable it is taken to be the default.
 * (Deno does not start where it is no positive integer.)
 */
export function eventInterval(): number {
  const { state } = Deno.permissions.querySync({ name: "env", variable: VARIABLE });
  const rounds = state === "granted" ? Number(Deno.env.get(VARIABLE)) : NaN;
  return rounds > 0 ? Math.min(rounds, MOST_ROUNDS) : DEFAULT_ROUNDS;
}
