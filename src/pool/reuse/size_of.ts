/** What any value takes, and what a member takes besides, in bytes: about what V8 needs. */
const VALUE_BYTES = 16;

/**
 * How many bytes a value takes in memory, estimated from above; `undefined` where that cannot be
 * told, or where it is more than `most`. It looks at no more than it counts, so that a value that
 * holds itself is no danger.
 */
export function sizeOf(value: unknown, most: number): number | undefined {
  const rest = [value];
  let bytes = 0;
  while (rest.length > 0) {
    const own = takeApart(rest.pop(), rest);
    if (own === undefined) return undefined;
    bytes += own + VALUE_BYTES;
    if (bytes > most) return undefined;
  }
  return bytes;
}

/** What a value takes less its members, which go to `rest`. */
function takeApart(value: unknown, rest: unknown[]): number | undefined {
  if (typeof value === "string") return 2 * value.length;
  if (typeof value === "function") return undefined;
  if (typeof value !== "object" || value === null) return 0;
  if (ArrayBuffer.isView(value)) return value.buffer.byteLength;
  if (value instanceof ArrayBuffer) return value.byteLength;
  return isPlain(value) ? takeMembers(value, rest) : undefined;
}

function takeMembers(value: object, rest: unknown[]): number {
  let bytes = 0;
  for (const [name, member] of Object.entries(value)) {
    bytes += 2 * name.length + VALUE_BYTES;
    rest.push(member);
  }
  return bytes;
}

function isPlain(value: object): boolean {
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
