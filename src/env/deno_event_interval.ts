const VARIABLE = "DENO_TOKIO_EVENT_INTERVAL";

/** Where the variable says nothing. */
const DEFAULT_ROUNDS = 61;

/**
 * After how many of its rounds the platform's event loop asks the kernel what has come, as long as it
 * has anything to do. Without the permission to read the variable it is taken to be the default.
 */
export function eventInterval(): number {
  const { state } = Deno.permissions.querySync({ name: "env", variable: VARIABLE });
  const rounds = state === "granted" ? Number(Deno.env.get(VARIABLE)) : NaN;
  return Number.isSafeInteger(rounds) && rounds > 0 ? rounds : DEFAULT_ROUNDS;
}
