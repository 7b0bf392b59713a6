/** Longer command lines are cut: a message is for people. */
const MAX_LENGTH = 1000;

/** What needs no quotes in a shell. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/** A command and its arguments as one would type them, cut after 1000 characters. */
export function quoteCommand(command: string, args: readonly string[]): string {
  const line = [command, ...args].map(quote).join(" ");
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}...` : line;
}

function quote(word: string): string {
  return PLAIN.test(word) ? word : JSON.stringify(word);
}
