import { assertEquals, assertGreater, assertRejects } from "@std/assert";
import { TextLineStream } from "@std/streams";
import { Generator } from "../../bench/load/generator.ts";
import type { Group, Plan } from "../../bench/load/plan.ts";
import { TINY } from "../../bench/servers/workloads.ts";

/** A server of lines on a free port that answers as it is told. */
class Fake implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #conns: Promise<void>[] = [];
  readonly #accepting: Promise<void>;
  requests = 0;
  visits = 0;

  constructor(reply: (line: string, count: number) => string) {
    this.#accepting = this.#accept(reply);
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  async #accept(reply: (line: string, count: number) => string): Promise<void> {
    for await (const conn of this.#listener) {
      this.visits++;
      this.#conns.push(this.#serve(conn, reply).catch(() => {}));
    }
  }

  async #serve(conn: Deno.Conn, reply: (line: string, count: number) => string): Promise<void> {
    const lines = conn.readable.pipeThrough(new TextDecoderStream()).pipeThrough(
      new TextLineStream(),
    );
    const writer = conn.writable.getWriter();
    for await (const line of lines) {
      await writer.write(new TextEncoder().encode(reply(line, ++this.requests)));
    }
    await writer.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#accepting;
    await Promise.all(this.#conns);
  }
}

const right = (line: string) => `Result: ${line}\n`;

function plan(port: number, ...groups: Group[]): Plan {
  return { ports: [port], warmMs: 1, measureMs: 50, groups };
}

const pipelined: Group = { kind: "closed", connections: 2, depth: 8, script: TINY };

Deno.test("A server that is right is measured, in every way of asking", async () => {
  await using server = new Fake(right);
  await using generator = new Generator();
  const open: Group = { kind: "open", connections: 3, perSecond: 1000, script: TINY };
  const churn: Group = { kind: "churn", connections: 2, script: TINY };
  // Half a second: on a machine that others use nobody may come and go within less.
  const asked = { ...plan(server.port, pipelined, open, churn), measureMs: 500 };
  const { groups } = await generator.run(asked);
  assertEquals(groups.length, 3);
  for (const { perSecond, latency } of groups) {
    assertGreater(perSecond, 0);
    assertGreater(latency.count, 0);
  }
  assertEquals(groups[1]!.latency.count, 500);
  assertGreater(server.visits, 7);
});

Deno.test("A reply that is wrong, too early or missing ends the measurement", async (t) => {
  await using generator = new Generator();
  // One of the eight that are sent before the clock runs, so that it is heard however slow the machine.
  const wrong: [string, (line: string, count: number) => string, string][] = [
    ["wrong", (line, count) => right(count === 4 ? `${1 - Number(line)}` : line), "got"],
    ["refused", () => "Error: busy [BUSY]\n", `got "Error: busy [BUSY]"`],
    ["left out", (line, count) => count === 4 ? "" : right(line), "got"],
    ["said twice", (line, count) => right(line).repeat(count === 4 ? 2 : 1), "got"],
  ];
  for (const [name, reply, message] of wrong) {
    await t.step(name, async () => {
      await using server = new Fake(reply);
      const single: Group = { ...pipelined, connections: 1 };
      await assertRejects(() => generator.run(plan(server.port, single)), Error, message);
    });
  }
});

Deno.test("A server that closes the connection ends the measurement", async () => {
  await using generator = new Generator();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const closing = listener.accept().then((conn) => conn.close());
  await assertRejects(
    () => generator.run(plan(listener.addr.port, { ...pipelined, connections: 1 })),
    Error,
    "Cannot",
  );
  await closing;
});

Deno.test("Those who are held have asked one thing each, and stay until they are released", async () => {
  await using server = new Fake(right);
  await using generator = new Generator();
  await generator.hold(server.port, 5, TINY);
  assertEquals([server.visits, server.requests], [5, 5]);
  await generator.release();
});
