/**
 * The text of a line: as it stands, or, if it is a JSON string, what that stands for, so that a line
 * can carry a text of several lines.
 */
export function readText(line: string): string {
  if (!line.startsWith('"')) return line;
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "string") return value;
  } catch {
    // A text that begins with a quotation mark.
  }
  return line;
}
