import { format } from "node:util";

/** How much a print matters. */
export type PrintLevel = "info" | "warn";

const LEVELS = {
  log: "info",
  info: "info",
  debug: "info",
  dir: "info",
  warn: "warn",
  error: "warn",
  trace: "warn",
} as const;

/**
 * Gives what jobs print by `console` to `print`, line for line as they print it. Left to itself it
 * would go to the server's own output, in the middle of its log.
 */
export function captureConsole(print: (level: PrintLevel, text: string) => void): void {
  for (const [name, level] of Object.entries(LEVELS)) {
    const method = (...args: unknown[]) => print(level, format(...args));
    Object.defineProperty(console, name, { value: method, writable: true, configurable: true });
  }
}
