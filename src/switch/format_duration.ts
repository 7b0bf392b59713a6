/** A duration for people, as Eio prints one: `10ms`, `0.1s`, `60s`, `2m`. */
export function formatDuration(ms: number): string {
  if (ms >= 1 && ms < 100) return `${round(ms)}ms`;
  return ms < 120_000 ? `${round(ms / 1000)}s` : `${round(ms / 60_000)}m`;
}

/** Without the noise of a division. */
function round(value: number): number {
  return Number(value.toPrecision(10));
}
