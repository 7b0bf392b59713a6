/**
 * How many values there are in a value, itself included, as JSON would write them; it stops counting
 * beyond `limit`. What is shared is counted each time: it would be written each time.
 */
export function countParts(value: unknown, limit: number): number {
  const waiting: unknown[] = [value];
  let count = 0;
  while (waiting.length > 0 && count <= limit) {
    const part = waiting.pop();
    count++;
    if (typeof part !== "object" || part === null) continue;
    const members = Object.values(part);
    if (members.length > limit) return count + members.length;
    for (const member of members) waiting.push(member);
  }
  return count;
}
