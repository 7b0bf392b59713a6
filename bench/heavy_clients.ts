import type { Server } from "./servers.ts";

const HEAVY = new TextEncoder().encode("32\n");

/** Clients that each have one heavy request under way all the time, until they are disposed. */
export class HeavyClients implements AsyncDisposable {
  readonly #clients: Promise<void>[];
  #isOver = false;

  /** Connects so many clients, and lets them send. */
  static async start({ port }: Server, count: number): Promise<HeavyClients> {
    const options = { hostname: "127.0.0.1", port };
    return new HeavyClients(
      await Promise.all(Array.from({ length: count }, () => Deno.connect(options))),
    );
  }

  private constructor(conns: readonly Deno.Conn[]) {
    this.#clients = conns.map((conn) => this.#send(conn));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients);
  }

  async #send(conn: Deno.Conn): Promise<void> {
    const reply = new Uint8Array(64);
    while (!this.#isOver) {
      await conn.write(HEAVY);
      if (await conn.read(reply) === null) throw new Error("the server closed the connection");
    }
    conn.close();
  }
}
