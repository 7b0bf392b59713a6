/** Shows a person at a terminal what is being measured, in a line that the next one takes the place of. */
export function showProgress(text = ""): void {
  if (!Deno.stderr.isTerminal()) return;
  Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${text === "" ? "" : `  ${text}`}`));
}
