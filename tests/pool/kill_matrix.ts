/** What becomes of a job that is to stop: it obeys, its thread is killed, or it goes on until it returns. */
export type Verdict =
  | "stops when asked"
  | "is killed"
  | "as a rule killed"
  | "not until it returns";

/** One thing that a job may do, and how it is stopped. */
export interface Row {
  /** The deed of the job `burn`. */
  readonly deed: string;
  /** What docs/isolation.md calls it. */
  readonly title: string;
  readonly worker: Verdict;
  readonly process: Verdict;
}

/** All that is tried. docs/isolation.md shows this table. */
export const MATRIX: readonly Row[] = [
  ...rows("stops when asked", "stops when asked", {
    "heeds its signal": "waits, and heeds its `signal`",
  }),
  ...rows("stops when asked", "is killed", {
    "calls check() in a loop": "never waits, and calls `check()`",
  }),
  ...rows("is killed", "is killed", {
    "empty loop": "an empty loop",
    "try/finally loop": "a loop in `try`/`finally`",
    "microtask loop": "microtasks without end",
    "timer storm": "a thousand timers",
    "regex": "a catastrophic regular expression",
    "WASM loop": "a loop in WebAssembly",
    "allocation loop": "a loop that allocates",
    "big sort": "sorts of a million numbers",
    "endless JSON.parse": "`JSON.parse`, again and again",
    "Atomics.wait": "`Atomics.wait`",
    "wait for ever": "a promise that never settles",
  }),
  ...rows("as a rule killed", "is killed", {
    "platform calls that throw": "nothing but platform calls that throw",
  }),
  ...rows("not until it returns", "is killed", {
    "blocking read": "a read that blocks, of a FIFO",
    "native call": "a native call: `pbkdf2Sync` with a huge count",
  }),
];

function rows(worker: Verdict, process: Verdict, titles: Record<string, string>): Row[] {
  return Object.entries(titles).map(([deed, title]) => ({ deed, title, worker, process }));
}

/** The matrix as docs/isolation.md shows it. */
export function matrixTable(): string {
  const cells = MATRIX.map(({ title, worker, process }) => [title, worker, process]);
  const all = [["A job that does", "in a thread", "in a process"], ...cells];
  const widths = [0, 1, 2].map((i) => Math.max(...all.map((row) => row[i]!.length)));
  const lines = all.map((row) =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`
  );
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}
