/** Where the server is, and by what it lets one in. */
export interface Target {
  /** The port of plain lines. */
  readonly port: number;
  /** The port of TLS. */
  readonly tlsPort: number;
  /** What it asks for, where it asks who one is. */
  readonly token?: string | undefined;
}

/** Options for {@linkcode BadClient.connect}. */
export interface BadClientOptions {
  /** Makes it leave. */
  readonly signal: AbortSignal;
  /** How many bytes it says at most, before it leaves. */
  readonly mostBytes?: number | undefined;
}

/** What the clients of one kind have done, and how they were answered. */
export interface Tally {
  connections: number;
  bytes: number;
  /** How often each answer was heard: its code, `result`, `closed`, `reset`. */
  readonly answers: Map<string, number>;
}

/** So many lines of a client are looked at; of those behind them it is only known that they came. */
const MOST_READ = 50;

/** Counts an answer. */
export function count({ answers }: Tally, answer: string): void {
  answers.set(answer, (answers.get(answer) ?? 0) + 1);
}

const NEWLINE = 10;

const encoder = new TextEncoder();

/** A client that keeps no rule, and a note of all that becomes of it. */
export class BadClient implements Disposable {
  readonly #conn: Deno.TcpConn;
  readonly #tally: Tally;
  readonly #signal: AbortSignal;
  readonly #mostBytes: number;
  #said = 0;
  #read = 0;
  #line = "";
  #isOver = false;

  private constructor(
    conn: Deno.TcpConn,
    tally: Tally,
    { signal, mostBytes = Infinity }: BadClientOptions,
  ) {
    this.#conn = conn;
    this.#tally = tally;
    this.#signal = signal;
    this.#mostBytes = mostBytes;
    signal.addEventListener("abort", this.#leave);
    if (signal.aborted) this.#leave();
  }

  /** Connects to a port, and says nothing. */
  static async connect(
    port: number,
    tally: Tally,
    options: BadClientOptions,
  ): Promise<BadClient> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    tally.connections++;
    return new BadClient(conn, tally, options);
  }

  /** Sends a text, or bytes as they are. Who has said as much as it may leaves. */
  async say(text: string | Uint8Array): Promise<void> {
    let bytes = typeof text === "string" ? encoder.encode(text) : text;
    while (bytes.length > 0) {
      const sent = await this.#conn.write(bytes);
      this.#tally.bytes += sent;
      this.#said += sent;
      if (this.#said >= this.#mostBytes) this.#leave();
      bytes = bytes.subarray(sent);
    }
  }

  /** Ends its half. */
  async end(): Promise<void> {
    await this.#conn.closeWrite();
  }

  /** Reads once, at most so many bytes; whether there was something. */
  async hear(most = 65_536): Promise<boolean> {
    const buffer = new Uint8Array(most);
    const read = await this.#conn.read(buffer);
    if (read === null) {
      count(this.#tally, "closed");
      return false;
    }
    this.#take(buffer.subarray(0, read));
    return true;
  }

  /** Reads to the end. */
  async hearAll(): Promise<void> {
    while (await this.hear());
  }

  /** Reads until so many lines have come. */
  async hearLines(count: number): Promise<void> {
    const until = this.#read + count;
    while (this.#read < until && await this.hear());
  }

  /** Leaves, over whatever is unread. */
  [Symbol.dispose](): void {
    this.#leave();
  }

  readonly #leave = () => {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#signal.removeEventListener("abort", this.#leave);
    this.#conn.close();
  };

  #take(bytes: Uint8Array): void {
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      if (this.#read++ < MOST_READ) this.#judge(bytes.subarray(start, end));
      else count(this.#tally, "more lines");
      start = end + 1;
    }
    if (this.#read < MOST_READ) this.#line += decode(bytes.subarray(start));
  }

  #judge(rest: Uint8Array): void {
    count(this.#tally, answerIn(this.#line + decode(rest)));
    this.#line = "";
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** What a line of the server says, in a word. */
function answerIn(line: string): string {
  if (/^[[{]/.test(line)) return /"code":"([A-Z_]+)"/.exec(line)?.[1] ?? rpcKindOf(line);
  if (line.startsWith("Error: ")) return /\[([A-Z_\d]+)\]$/.exec(line)?.[1] ?? "error";
  if (line.startsWith("Result: you are ")) return "let in";
  return line.startsWith("Result: ") ? "result" : line === "PONG" ? "PONG" : "other lines";
}

function rpcKindOf(line: string): string {
  return line.includes('"method":"$/') ? "notification" : "result";
}
