/** How much of a text an error shows, in UTF-16 units. */
const SHOWN = 40;

/** A text in quotes, as an error shows it: what is long is cut. */
export function excerpt(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text);
}
