/** A request, and what its one reply must look like. */
export interface Exchange {
  readonly line: string;
  readonly reply: RegExp;
}

/** What a client does, from its connection to its end. */
export interface Visit {
  readonly exchanges: readonly Exchange[];
  /** Whether it waits for each reply before the next request. */
  readonly oneByOne?: boolean;
  /** Whether it ends its half when it has asked for everything. */
  readonly endsHalf?: boolean;
  /** It leaves after so many milliseconds, whatever is under way; else it hears every reply. */
  readonly leavesAfterMs?: number;
}

/** The clients of a soak: what each kind of them does next, and how many there are. */
export const clients: Readonly<Record<string, { count: number; next(): Visit }>> = {
  light: { count: 3, next: () => ({ exchanges: many(100, echo), oneByOne: true }) },
  pipelining: {
    count: 2,
    next: () => ({ exchanges: many(1 + random(300), anyQuick), endsHalf: random(2) === 0 }),
  },
  heavy: { count: 2, next: () => ({ exchanges: many(4, () => burn(100 + random(200))) }) },
  waiting: { count: 1, next: () => ({ exchanges: many(8, () => sleep(random(200))) }) },
  spinning: { count: 1, next: () => ({ exchanges: [spin, echo()], endsHalf: random(2) === 0 }) },
  filling: { count: 1, next: () => ({ exchanges: [echo(), allocate, echo()] }) },
  exiting: { count: 1, next: () => ({ exchanges: [exit, echo(), stray, echo()] }) },
  leaving: {
    count: 2,
    next: () => ({ exchanges: [...many(20, anyQuick), spinLong], leavesAfterMs: random(400) }),
  },
};

const spin = {
  line: "spin_briefly",
  reply: /^Error: .*; it was killed.* after \d+ ms \[DEADLINE\]$/,
};
const spinLong = { line: "spin", reply: /^Error: .*\[(DEADLINE|KILLED)\]$/ };
const allocate = {
  line: "allocate",
  reply: /^Error: .* more than its \d+ MiB of .*\[OUT_OF_MEMORY\]$/,
};
const exit = { line: "exit", reply: /^Error: Cannot use Deno\.exit: it is closed to jobs$/ };
const stray = { line: "stray", reply: /^Result: replied$/ };

let nonce = 0;

function echo(): Exchange {
  return exactly(`echo word-${++nonce}`, `Result: word-${nonce}`);
}

function burn(ms: number): Exchange {
  return exactly(`burn ${ms}`, `Result: ${ms}`);
}

function sleep(ms: number): Exchange {
  return exactly(`sleep ${ms}`, `Result: ${ms}`);
}

/** One of what takes less than some milliseconds: results short and long, and errors. */
function anyQuick(): Exchange {
  switch (random(6)) {
    case 0:
      return burn(1);
    case 1:
      return exactly("throw_rich", "Error: it is rich");
    case 2:
      return exactly("repeat 5000", `Result: ${"x".repeat(5000)}`);
    case 3:
      return exactly("PING", "PONG");
    default:
      return echo();
  }
}

function exactly(line: string, reply: string): Exchange {
  return { line, reply: new RegExp(`^${reply}$`) };
}

function many(count: number, make: () => Exchange): Exchange[] {
  return Array.from({ length: count }, make);
}

function random(below: number): number {
  return Math.floor(Math.random() * below);
}
