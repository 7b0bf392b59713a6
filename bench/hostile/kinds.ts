import type { BadClient } from "./bad_client.ts";

/** A kind of bad client. */
export interface Kind {
  readonly name: string;
  /** How many there are at a time. */
  readonly count: number;
  /** Whether it connects where TLS is spoken. */
  readonly overTls?: boolean;
  /** Whether it says who it is, where that is asked. */
  readonly isStranger?: boolean;
  /** What one does, from its first byte to its end; then the next comes. */
  visit(client: BadClient): Promise<void>;
}

/** How long a slow client takes for a byte, and a quick one before it comes again, in milliseconds. */
const SLOW_MS = 50;

const random = (below: number) => Math.floor(Math.random() * below);
const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));
const call = (id: number | string, method: string, input: unknown, meta?: object) =>
  JSON.stringify({
    ...{ jsonrpc: "2.0", id, method },
    params: meta === undefined ? [input] : [input, { _meta: meta }],
  }) + "\n";

/** A TLS hello, as far as anybody reads it. */
const TLS_HELLO = Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, ...new Uint8Array(506));

const GARBAGE = crypto.getRandomValues(new Uint8Array(32_768));
const NOT_UTF8 = Uint8Array.from({ length: 64 }, (_, i) => i % 16 === 15 ? 10 : 0xc0 + i % 16);
const LONG_LINE = "x".repeat(65_536);
const BATCH = `[${Array.from({ length: 2000 }, () => call(1, "echo", 1).trim()).join()}]\n`;
const FULL_BATCH = `[${Array.from({ length: 64 }, (_, i) => call(i, "burn", 5).trim()).join()}]\n`;

/** All kinds. The jobs that they ask for are those of `bench/jobs`. */
export const KINDS: readonly Kind[] = [
  {
    name: "connects, and says nothing",
    count: 100,
    isStranger: true,
    visit: (client) => client.hearAll(),
  },
  {
    name: "ends no line: a byte now and then",
    count: 8,
    async visit(client) {
      for (;;) {
        await client.say("x");
        await pause(SLOW_MS);
      }
    },
  },
  {
    name: "asks for much, and never reads",
    count: 4,
    async visit(client) {
      for (;;) await client.say("repeat 60000\n".repeat(64));
    },
  },
  {
    name: "ends its half, and stays",
    count: 8,
    async visit(client) {
      await client.say("sleep 200\n");
      await client.end();
      await client.hearAll();
    },
  },
  {
    name: "floods with what needs no job",
    count: 2,
    visit: (client) => flood(client, "PING\n".repeat(4000)),
  },
  {
    name: "floods with tiny jobs",
    count: 2,
    visit: (client) => flood(client, "echo x\n".repeat(4000)),
  },
  {
    name: "floods with unknown jobs",
    count: 2,
    visit: (client) => flood(client, "nothing at all\n".repeat(2000)),
  },
  {
    name: "sends lines without an end",
    count: 2,
    visit: (client) => flood(client, LONG_LINE),
  },
  {
    name: "sends garbage",
    count: 2,
    visit: (client) => flood(client, GARBAGE),
  },
  {
    name: "sends what is no UTF-8",
    count: 2,
    visit: (client) => flood(client, NOT_UTF8),
  },
  {
    name: "nests deeply",
    count: 2,
    visit: (client) => flood(client, `${"[".repeat(60_000)}\n`),
  },
  {
    name: "sends batches of 2,000",
    count: 2,
    visit: (client) => flood(client, BATCH),
  },
  {
    name: "sends batches of 64 jobs",
    count: 2,
    visit: (client) => flood(client, FULL_BATCH),
  },
  {
    name: "begins a batch, and does not end it",
    count: 8,
    async visit(client) {
      await client.say(`[${call(1, "echo", 1).trim()},`);
      await client.hearAll();
    },
  },
  {
    name: "leaves in the middle of a line",
    count: 4,
    async visit(client) {
      await client.say(`echo ${"x".repeat(random(5000))}`);
    },
  },
  {
    name: "leaves in the middle of a reply",
    count: 4,
    async visit(client) {
      await client.say("repeat 60000\n".repeat(8));
      await client.hear(100);
    },
  },
  {
    name: "comes and goes",
    count: 16,
    isStranger: true,
    visit: () => Promise.resolve(),
  },
  {
    name: "asks, and resets",
    count: 4,
    async visit(client) {
      await client.say("PING\nspin x\n");
      await pause(random(10)); // an unread PONG makes the close a reset
    },
  },
  {
    name: "leaves 10,000 heavy jobs behind",
    count: 2,
    async visit(client) {
      await Promise.race([client.say("burn 50\n".repeat(10_000)), pause(500)]);
    },
  },
  {
    name: "cancels what it has just asked for",
    count: 2,
    async visit(client) {
      const cancel = (id: number) => `{"method":"$/cancelRequest","params":{"id":${id}}}\n`;
      const lines = Array.from({ length: 500 }, (_, id) => call(id, "spin", "x") + cancel(id));
      await flood(client, lines.join(""));
    },
  },
  {
    name: "cancels what is not there",
    count: 2,
    visit: (client) =>
      flood(
        client,
        '{"jsonrpc":"2.0","id":1,"method":"$/cancelRequest","params":{"id":"no"}}\n'.repeat(500),
      ),
  },
  {
    name: "has one id for all",
    count: 2,
    visit: (client) => flood(client, call("same", "echo", "x").repeat(500)),
  },
  {
    name: "guesses tokens",
    count: 8,
    isStranger: true,
    visit: (client) => flood(client, `AUTH ${random(1e9)}\n`.repeat(100)),
  },
  {
    name: "asks without a token",
    count: 4,
    isStranger: true,
    visit: (client) => flood(client, "spin x\nPING\n".repeat(500)),
  },
  {
    name: "speaks TLS where lines are spoken",
    count: 4,
    isStranger: true,
    async visit(client) {
      await client.say(TLS_HELLO);
      await client.hearAll();
    },
  },
  {
    name: "speaks lines where TLS is spoken",
    count: 4,
    overTls: true,
    isStranger: true,
    async visit(client) {
      await client.say("30\n30\n");
      await client.hearAll();
    },
  },
  {
    name: "says nothing where TLS is spoken",
    count: 16,
    overTls: true,
    isStranger: true,
    visit: (client) => client.hearAll(),
  },
  {
    name: "speaks HTTP",
    count: 4,
    isStranger: true,
    async visit(client) {
      await client.say("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      await client.hearAll();
    },
  },
  {
    name: "has jobs that fill their memory",
    count: 2,
    visit: (client) => ask(client, "allocate x"),
  },
  {
    name: "has jobs that throw, and that exit",
    count: 2,
    visit: (client) => flood(client, "throw_rich x\nexit x\nstray x\n".repeat(20)),
  },
  {
    name: "has jobs that spin past their deadline",
    count: 4,
    visit: (client) => ask(client, "spin_briefly x"),
  },
  {
    name: "takes no item of its streams",
    count: 4,
    async visit(client) {
      const meta = { progressToken: 1, items: 1 };
      await client.say(
        Array.from({ length: 64 }, (_, id) => call(id, "count", 1e9, meta)).join(""),
      );
      await client.hearAll();
    },
  },
];

/** Says the same again and again, and reads what comes, until it is let go. */
async function flood(client: BadClient, text: string | Uint8Array): Promise<void> {
  const saying = (async () => {
    for (;;) await client.say(text);
  })();
  saying.catch(() => {}); // the last words come behind that
  await client.hearAll();
}

/** One line, and its reply. */
async function ask(client: BadClient, line: string): Promise<void> {
  await client.say(`${line}\n`);
  await client.hearLines(1);
}
