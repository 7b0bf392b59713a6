/** A number with its thousands apart. */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** A time of so many microseconds, in the unit that suits it and with two digits that count. */
export function time(us: number): string {
  if (us < 999.5) return `${Math.round(us)} us`;
  const [value, unit] = us < 999_500 ? [us / 1e3, "ms"] : [us / 1e6, "s"];
  return `${value < 9.95 ? +value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** A ratio, with as many digits as mean something. */
export function ratio(value: number): string {
  if (!Number.isFinite(value)) return "-";
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** So many bytes, in thousands. */
export function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
