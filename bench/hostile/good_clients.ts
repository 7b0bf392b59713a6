/**
 * Clients as they should be: each asks one thing at a time, holds the reply against what it must be,
 * and rests a little. In a process of their own they print what they measured as JSON.
 *
 * @module
 */

import type { Target } from "./bad_client.ts";

/** So many stay; a visitor comes anew for each request. */
const STAYING = 8;
const VISITORS = 2;

/** The longest rest between two requests, in milliseconds. */
const REST_MS = 10;

/** How long a reply may take, in milliseconds: one that takes longer has failed. */
const PATIENCE_MS = 20_000;

/** What good clients have seen. */
export interface GoodReport {
  /** How long each request of those who stay took, in milliseconds, sorted. */
  readonly stayingMs: readonly number[];
  /** The same of visitors, from their connecting to their reply. */
  readonly visitingMs: readonly number[];
  /** What has failed, in words. */
  readonly failures: readonly string[];
}

/** Options for {@linkcode beGood}. */
export interface GoodOptions {
  /** Ends it, when the replies that are owed have come. */
  readonly signal: AbortSignal;
  /** How many come. */
  readonly clients?: { readonly staying: number; readonly visitors: number };
}

/** Asks until it is to end; what is wrong about a reply is a failure. */
export async function beGood(
  target: Target,
  { signal, clients = { staying: STAYING, visitors: VISITORS } }: GoodOptions,
): Promise<GoodReport> {
  const failures: string[] = [];
  const run = async (count: number, fn: (tookMs: number[]) => Promise<void>) => {
    const tookMs: number[] = [];
    await Promise.all(
      Array.from(
        { length: count },
        () => fn(tookMs).catch((error) => void failures.push(String(error))),
      ),
    );
    return tookMs.sort((a, b) => a - b);
  };
  const [stayingMs, visitingMs] = await Promise.all([
    run(clients.staying, (tookMs) => stay(target, tookMs, signal)),
    run(clients.visitors, (tookMs) => comeAndGo(target, tookMs, signal)),
  ]);
  return { stayingMs, visitingMs, failures };
}

async function stay(target: Target, tookMs: number[], signal: AbortSignal): Promise<void> {
  using client = await GoodClient.connect(target);
  while (!signal.aborted) {
    const since = performance.now();
    await client.ask();
    tookMs.push(performance.now() - since);
    await rest();
  }
}

async function comeAndGo(target: Target, tookMs: number[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const since = performance.now();
    using client = await GoodClient.connect(target);
    await client.ask();
    tookMs.push(performance.now() - since);
    await rest();
  }
}

/** A request, and its one right reply. */
type Exchange = readonly [line: string, reply: string];

let nonce = 0;

/** What good clients ask: what needs no job, tiny jobs, and now and then one of a millisecond. */
function anyExchange(): Exchange {
  const n = ++nonce;
  if (n % 8 === 0) return ["burn 1", "Result: 1"];
  if (n % 4 === 0) return ["PING", "PONG"];
  if (n % 2 === 0) return [`echo word-${n}`, `Result: word-${n}`];
  return [
    `{"jsonrpc":"2.0","id":${n},"method":"echo","params":[${n}]}`,
    `{"jsonrpc":"2.0","result":${n},"id":${n}}`,
  ];
}

class GoodClient implements Disposable {
  readonly #conn: Deno.TcpConn;
  readonly #buffer = new Uint8Array(4096);
  #isOver = false;

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  static async connect({ port, token }: Target): Promise<GoodClient> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    conn.setNoDelay();
    const client = new GoodClient(conn);
    if (token !== undefined) await client.#exchange([`AUTH ${token}`, "Result: you are good"]);
    return client;
  }

  async ask(): Promise<void> {
    await this.#exchange(anyExchange());
  }

  [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#conn.close();
  }

  async #exchange([line, reply]: Exchange): Promise<void> {
    const late = setTimeout(() => this[Symbol.dispose](), PATIENCE_MS);
    try {
      await this.#conn.write(new TextEncoder().encode(`${line}\n`));
      const heard = await this.#hearLine();
      if (heard !== `${reply}\n`) throw new Error(`"${line}" was answered "${heard}"`);
    } finally {
      clearTimeout(late);
    }
  }

  async #hearLine(): Promise<string> {
    let line = "";
    while (!line.endsWith("\n")) {
      const count = await this.#conn.read(this.#buffer);
      if (count === null) throw new Error(`the connection ended behind "${line}"`);
      line += new TextDecoder().decode(this.#buffer.subarray(0, count));
    }
    return line;
  }
}

function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * REST_MS));
}

if (import.meta.main) {
  const { seconds, ...target } = JSON.parse(Deno.args[0]!);
  console.log(
    JSON.stringify(await beGood(target, { signal: AbortSignal.timeout(seconds * 1000) })),
  );
}
