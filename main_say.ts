import config from "./deno.json" with { type: "json" };

/** Exit codes: 1 for a failure, 2 for a wrong call, 3 where a restart is asked for. */
export const FAILED = 1;
export const MISUSED = 2;
export const UNFIT = 3;

/** Where a call cannot begin: the exit code of one whose connection is lost. */
export const NOT_CONNECTED = 4;

/** What this is, for people. */
export function version(): string {
  return `switchyard ${config.version} (deno ${Deno.version.deno}, v8 ${Deno.version.v8})\n`;
}

/** Prints a text. Returns the exit code of a program that has done what it was asked. */
export function print(text: string): number {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
  return 0;
}

/** Says in a sentence what kept a command from what it does. Returns the exit code. */
export function complain(command: "serve" | "call", error: unknown, code: number): number {
  console.error(`switchyard: ${sentenceOf(command, error)}`);
  return code;
}

/** What went wrong; where a permission of Deno is missing, which. */
function sentenceOf(command: string, error: unknown): string {
  if (!Error.isError(error)) return String(error);
  const { message, cause } = error;
  if (error instanceof Deno.errors.NotCapable) return `Cannot ${command}: ${message}`;
  return cause instanceof Deno.errors.NotCapable ? `${message}: ${cause.message}` : message;
}
