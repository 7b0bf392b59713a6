import { TextLineStream } from "@std/streams";
import type { Exchange, Visit } from "./visits.ts";

/** How long the next reply may take, in milliseconds: longer than a request may wait and run. */
const PATIENCE_MS = 100_000;

/** The reply where a lane's process was shot: only `soak_bench.ts` sends a SIGKILL that is no stop. */
const SHOT = /^Error: The job's lane died under it: it exited with SIGKILL \[CRASHED\]$/;

/** The reply where a machine that has far more to do than it can has let a request wait its time. */
const BUSY = /^Error: The job waited \d+ ms for a lane.*\[BUSY\]$/;

/** What visits have come to. */
export interface Tally {
  requests: number;
  replies: number;
  /** Replies that say that the lane was shot. */
  shot: number;
  /** Replies to requests that have waited as long as they may. */
  busy: number;
  /** Requests whose client left before their reply. */
  abandoned: number;
  /** How long those waited who ask one by one, in milliseconds. */
  readonly waits: number[];
  readonly breaches: string[];
}

/**
 * Pays a visit, and holds every reply against the request whose turn it is: one for each, in order,
 * and nothing after the last. What is not so is a breach.
 */
export async function pay(port: number, visit: Visit, tally: Tally): Promise<void> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const client = new Client(conn, tally);
  const leaving = setTimeout(() => client.leave(), visit.leavesAfterMs);
  if (visit.leavesAfterMs === undefined) clearTimeout(leaving);
  try {
    if (visit.oneByOne) await client.converse(visit.exchanges);
    else await client.sayAll(visit);
    if (visit.leavesAfterMs === undefined) await client.expectNoMore(visit.endsHalf ?? false);
  } catch (error) {
    if (visit.leavesAfterMs === undefined || !client.hasLeft) {
      tally.breaches.push(client.fault ?? String(error));
    }
  } finally {
    clearTimeout(leaving);
    client.leave();
  }
}

class Client {
  readonly #conn: Deno.TcpConn;
  readonly #tally: Tally;
  readonly #lines: AsyncIterator<string>;
  readonly #encoder = new TextEncoder();
  #pending = 0;
  hasLeft = false;
  /** Why it has left, where it did not want to. */
  fault: string | undefined;

  constructor(conn: Deno.TcpConn, tally: Tally) {
    this.#conn = conn;
    this.#tally = tally;
    const text = conn.readable.pipeThrough(new TextDecoderStream());
    this.#lines = text.pipeThrough(new TextLineStream()).values();
  }

  async converse(exchanges: readonly Exchange[]): Promise<void> {
    for (const exchange of exchanges) {
      const said = performance.now();
      await this.#say([exchange]);
      await this.#hear(exchange);
      this.#tally.waits.push(performance.now() - said);
    }
  }

  async sayAll({ exchanges, endsHalf }: Visit): Promise<void> {
    const said = this.#say(exchanges).then(() => endsHalf ? this.#conn.closeWrite() : undefined);
    for (const exchange of exchanges) await this.#hear(exchange);
    await said;
  }

  /** One more question shows that there was no reply too many. */
  async expectNoMore(endsHalf: boolean): Promise<void> {
    if (endsHalf) {
      const { value, done } = await this.#lines.next();
      if (!done) throw new Error(`a line after the last reply: ${value.slice(0, 200)}`);
    } else await this.converse([{ line: "PING", reply: /^PONG$/ }]);
  }

  /** Leaves, whatever is under way. */
  leave(): void {
    if (this.hasLeft) return;
    this.hasLeft = true;
    this.#tally.abandoned += this.#pending;
    try {
      this.#conn.close();
    } catch (error) {
      // Its stream has closed it.
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  async #say(exchanges: readonly Exchange[]): Promise<void> {
    this.#tally.requests += exchanges.length;
    this.#pending += exchanges.length;
    let bytes = this.#encoder.encode(exchanges.map(({ line }) => `${line}\n`).join(""));
    while (bytes.length > 0) bytes = bytes.subarray(await this.#conn.write(bytes));
  }

  async #hear(exchange: Exchange): Promise<void> {
    const late = setTimeout(() => {
      this.fault = `no reply to "${exchange.line}" in ${PATIENCE_MS} ms`;
      this.leave();
    }, PATIENCE_MS);
    const { value, done } = await this.#lines.next().finally(() => clearTimeout(late));
    // What still comes when it has left is not heard any more.
    if (done || this.hasLeft) {
      throw new Error(`the connection ended without a reply to "${exchange.line}"`);
    }
    this.#pending--;
    this.#tally.replies++;
    if (SHOT.test(value)) this.#tally.shot++;
    else if (BUSY.test(value)) this.#tally.busy++;
    else if (!exchange.reply.test(value)) {
      throw new Error(`"${exchange.line}" was answered "${value.slice(0, 200)}"`);
    }
  }
}
