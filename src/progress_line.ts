import type { ByteSink } from "./env/mod.ts";
import type { Progress } from "./job/mod.ts";

/** Where a {@linkcode ProgressLine} is drawn. */
export interface Terminal extends ByteSink {
  /** Whether a person looks at it: nothing is drawn into a file. */
  readonly isTerminal: boolean;

  /** How many characters fit into a line. */
  readonly columns: number;
}

const BAR_WIDTH = 24;

/** One line of a terminal that shows how far a job has come, and that goes when it has ended. */
export class ProgressLine {
  readonly #terminal: Terminal;
  #isShown = false;

  /** Draws nothing yet. */
  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Draws how far a job has come. */
  show(progress: Progress): void {
    if (!this.#terminal.isTerminal) return;
    this.#isShown = true;
    const line = formatProgress(progress).slice(0, Math.max(this.#terminal.columns - 1, 10));
    this.#write(`\r\x1b[K${line}`);
  }

  /** Wipes the line, so that others can write. */
  clear(): void {
    if (!this.#isShown) return;
    this.#isShown = false;
    this.#write("\r\x1b[K");
  }

  #write(text: string): void {
    this.#terminal.write(new TextEncoder().encode(text)).catch(() => {}); // a closed terminal
  }
}

/**
 * Progress as a line: a bar and a percentage where the whole is known.
 *
 * `[############------------]  50 %  500/1,000  hashing`
 */
export function formatProgress({ done, total, note }: Progress): string {
  const parts = total === undefined || total <= 0
    ? [format(done)]
    : [bar(done / total), `${format(done)}/${format(total)}`];
  return [...parts, ...(note ? [printable(note)] : [])].join("  ");
}

function bar(part: number): string {
  const clamped = Math.min(Math.max(part, 0), 1);
  const full = Math.floor(clamped * BAR_WIDTH);
  const percent = String(Math.floor(clamped * 100)).padStart(3);
  return `[${"#".repeat(full)}${"-".repeat(BAR_WIDTH - full)}] ${percent} %`;
}

function format(count: number): string {
  return count.toLocaleString("en-US");
}

/** A job must not be able to move the cursor. */
function printable(note: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what it is about
  return note.replace(/[\x00-\x1f\x7f-\x9f]+/g, " ");
}
