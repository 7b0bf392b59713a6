/**
 * A load generator for services that answer lines with lines, in order. It runs in a process of its
 * own and prints what it measured as JSON.
 *
 *     deno run -A bench/load.ts '{"port":8080,"line":"1","connections":16,"depth":16,"seconds":2}'
 *
 * @module
 */

/** What to send, and how. */
export interface LoadOptions {
  readonly port: number;
  /** The line that each request is. */
  readonly line: string;
  readonly connections: number;
  /** How many requests of a connection are under way at a time: a closed loop. */
  readonly depth: number;
  readonly seconds: number;
}

/** What was measured. Latencies are in microseconds, from the write to the arrival of the reply. */
export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly errors: number;
}

const NEWLINE = 10;
const ERROR = "E".charCodeAt(0);

/** Sends requests for a while, over all connections at once. */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const clients = await Promise.all(
    Array.from({ length: options.connections }, () => Client.connect(options)),
  );
  const started = performance.now();
  const end = started + options.seconds * 1000;
  await Promise.all(clients.map((client) => client.run(end)));
  const seconds = (performance.now() - started) / 1000;
  const latencies = Float64Array.from(clients.flatMap((client) => client.latencies)).sort();
  const at = (share: number) => Math.round(latencies[Math.floor(latencies.length * share)] ?? 0);
  return {
    requests: latencies.length,
    perSecond: Math.round(latencies.length / seconds),
    p50: at(0.5),
    p99: at(0.99),
    p999: at(0.999),
    errors: clients.reduce((sum, client) => sum + client.errors, 0),
  };
}

class Client {
  readonly latencies: number[] = [];
  errors = 0;
  readonly #conn: Deno.Conn;
  readonly #depth: number;
  readonly #lines: Uint8Array;
  readonly #lineBytes: number;
  /** When each request under way was sent, in order. */
  readonly #sent: number[] = [];
  #atLineStart = true;

  static async connect({ port, line, depth }: LoadOptions): Promise<Client> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    conn.setNoDelay(true);
    return new Client(conn, line, depth);
  }

  private constructor(conn: Deno.Conn, line: string, depth: number) {
    this.#conn = conn;
    this.#depth = depth;
    this.#lines = new TextEncoder().encode(`${line}\n`.repeat(depth));
    this.#lineBytes = this.#lines.length / depth;
  }

  /** Keeps `depth` requests under way until `end`, then waits for the last replies. */
  async run(end: number): Promise<void> {
    const buffer = new Uint8Array(65_536);
    await this.#send(this.#depth);
    while (this.#sent.length > 0) {
      const count = await this.#conn.read(buffer);
      if (count === null) throw new Error("the server closed the connection");
      const replies = this.#receive(buffer.subarray(0, count));
      if (performance.now() < end) await this.#send(replies);
    }
    this.#conn.close();
  }

  async #send(requests: number): Promise<void> {
    if (requests === 0) return;
    const now = performance.now();
    for (let i = 0; i < requests; i++) this.#sent.push(now);
    let bytes = this.#lines.subarray(0, requests * this.#lineBytes);
    while (bytes.length > 0) bytes = bytes.subarray(await this.#conn.write(bytes));
  }

  #receive(bytes: Uint8Array): number {
    const now = performance.now();
    let replies = 0;
    for (const byte of bytes) {
      if (this.#atLineStart && byte === ERROR) this.errors++;
      this.#atLineStart = byte === NEWLINE;
      if (byte !== NEWLINE) continue;
      replies++;
      this.latencies.push((now - this.#sent[replies - 1]!) * 1000);
    }
    this.#sent.splice(0, replies);
    return replies;
  }
}

if (import.meta.main) {
  console.log(JSON.stringify(await load(JSON.parse(Deno.args[0]!))));
}
