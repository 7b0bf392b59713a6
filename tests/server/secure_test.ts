import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { hashToken } from "../../src/access/mod.ts";
import { ConfigError } from "../../src/config.ts";
import { type Address, NetError, realEnv, type TlsClientOptions } from "../../src/env/mod.ts";
import { Connection } from "../../src/net/mod.ts";
import type { Security } from "../../src/server.ts";
import { Switch } from "../../src/switch/mod.ts";
import { certificates } from "../fixtures/tls/certificates.ts";
import { RawClient } from "./raw_client.ts";
import { type TestServer, withServer } from "./with_server.ts";

const { authority, otherAuthority, server, renewed, client: certified } = certificates;
const TCP = { transport: "tcp", hostname: "127.0.0.1", port: 0 } as const;
const WEB = { name: "web", tokens: [hashToken("secret")] };
const FEW = { cores: 1, spares: 0 };

/** Says lines over TLS, and hears as many. */
async function askTls(address: Address, tls: TlsClientOptions, ...lines: string[]) {
  const { net, clock } = realEnv();
  return await Switch.run(async (sw) => {
    const connection = new Connection(sw, await net.connect(sw, address, { tls }), { clock });
    for (const line of lines) connection.writer.writeLine(line);
    const heard: unknown[] = [];
    while (heard.length < lines.length) heard.push(await connection.reader.readLine());
    return heard;
  });
}

/** Reloads to order. */
function reloader() {
  let next = Promise.withResolvers<{ name: "SIGHUP"; count: number }>();
  return {
    reload: () => {
      next.resolve({ name: "SIGHUP", count: 1 });
      next = Promise.withResolvers();
    },
    reloads: {
      next: ({ signal }: { readonly signal?: AbortSignal } = {}) => {
        signal?.addEventListener("abort", () => next.reject(signal.reason), { once: true });
        return next.promise;
      },
    },
  };
}

async function reloaded({ log }: TestServer, reload: () => void, pattern: RegExp): Promise<void> {
  const before = log.records.length;
  reload();
  await log.until((record) =>
    log.records.indexOf(record) >= before && pattern.test(record.message)
  );
}

Deno.test("A server listens in several places at once, tells of each, and a drain closes all", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/s.sock`;
  const addresses = Promise.withResolvers<readonly Address[]>();
  await withServer({
    ...FEW,
    listen: [
      { address: TCP },
      { address: { transport: "unix", path }, mode: 0o620 },
      { address: TCP, tls: true },
    ],
    security: () => ({ tls: server }),
  }, async ({ connect, log, stop, end }) => {
    const listening = log.records.find(({ message }) => message === "listening");
    const told = String(listening?.fields.address);
    const [tcp, unix, tls] = told.split(" ");
    assertEquals(unix, `unix:${path}`);
    assertEquals(Deno.statSync(path).mode! & 0o777, 0o620);
    using plain = await connect();
    using local = await RawClient.connect({ transport: "unix", path });
    assertEquals([await plain.ask("10"), await local.ask("10")], [["Result: 55"], ["Result: 55"]]);
    const at = addressOf(tls!.replace("tls:", ""));
    assertEquals(await askTls(at, { authorities: authority }, "10"), ["Result: 55"]);
    addresses.resolve([addressOf(tcp!), { transport: "unix", path }, at]);
    stop.abort();
    await end;
    for (const address of await addresses.promise) {
      await assertRejects(() => RawClient.connect(address));
    }
  });
  await Deno.remove(folder, { recursive: true });
});

function addressOf(text: string): Address {
  return { ...TCP, port: Number(text.split(":")[1]) };
}

Deno.test("The mode of a Unix socket is 0600 where nothing is said, and its clients are not asked", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/s.sock`;
  await withServer({
    ...FEW,
    listen: [{ address: { transport: "unix", path } }],
    security: () => ({ principals: [WEB] }),
  }, async () => {
    assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
    using client = await RawClient.connect({ transport: "unix", path });
    assertEquals(await client.ask("10"), ["Result: 55"]);
    assertEquals(await client.ask("AUTH secret"), ["Result: you are web"]);
  });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("A client certificate names its principal, and who has none is not spoken to", async () => {
  await withServer({
    ...FEW,
    listen: [{ address: TCP, tls: true }],
    security: () => ({
      tls: { ...server, clientAuthorities: authority },
      principals: [{ name: "worker-7", jobs: ["fib"] }],
    }),
  }, async ({ address }) => {
    const known = { authorities: authority, ...certified };
    assertEquals(await askTls(address, known, "10", "AUTH x"), [
      "Result: 55",
      'Error: Cannot authenticate: this connection is "worker-7"\'s already [INVALID]',
    ]);
    const error = await assertRejects(() => askTls(address, { authorities: authority }, "10"));
    assert(error instanceof Error);
  });
});

Deno.test("A reload takes new certificates and tokens; wrong ones change nothing, and the log says why", async () => {
  const { reload, reloads } = reloader();
  let security: Security | Error = { tls: server, principals: [WEB] };
  await withServer({
    ...FEW,
    listen: [{ address: TCP, tls: true }],
    reloads,
    security: () => {
      if (security instanceof Error) throw security;
      return security;
    },
  }, async (running) => {
    const { address, log } = running;
    const asWeb = (authorities: string) => askTls(address, { authorities }, "AUTH secret", "10");
    assertEquals(await asWeb(authority), ["Result: you are web", "Result: 55"]);

    security = { tls: { ...server, key: renewed.key }, principals: [] };
    await reloaded(running, reload, /stay as they were/);
    assertStringIncludes(log.lines.join("\n"), "the private key is not that of the certificate");
    assertEquals(await asWeb(authority), ["Result: you are web", "Result: 55"]);

    security = { tls: renewed, principals: [{ ...WEB, name: "web2" }] };
    await reloaded(running, reload, /were read again/);
    assertEquals(await asWeb(otherAuthority), ["Result: you are web2", "Result: 55"]);
    const error = await assertRejects(() => asWeb(authority), NetError);
    assertEquals(error.code, "untrusted");
  });
});

Deno.test("A server without the certificate that it needs, or with a wrong one, says so and does not start", async () => {
  const listen = [{ address: TCP, tls: true }];
  const none = await assertRejects(() => withServer({ listen }, async () => {}), ConfigError);
  assertStringIncludes(none.message, "it needs a certificate; give --tls-cert and --tls-key");
  const tls = { cert: server.cert, key: renewed.key };
  const wrong = () => withServer({ listen, security: () => ({ tls }) }, async () => {});
  assertStringIncludes((await assertRejects(wrong, ConfigError)).message, "the private key is not");
});

Deno.test("Tokens or client certificates let a server listen beyond this machine", async () => {
  const everywhere = { transport: "tcp", hostname: "0.0.0.0", port: 0 } as const;
  await withServer({
    ...FEW,
    listen: everywhere,
    security: () => ({ principals: [WEB] }),
  }, async ({ connect, log }) => {
    const [warning] = log.records.filter(({ level }) => level === "warn");
    assertStringIncludes(warning!.message, "tokens go unencrypted");
    using client = await connect();
    const [refused, right, result] = await client.ask("10", "AUTH secret", "10");
    assertStringIncludes(refused!, "[UNAUTHENTICATED]");
    assertEquals([right, result], ["Result: you are web", "Result: 55"]);
  });
});

Deno.test("A client leaves half of the queue to others, however many connections it has", async () => {
  const principals = ["hog", "good"].map((name) => ({ name, tokens: [hashToken(name)] }));
  const call = (id: number, job: string, input: unknown) =>
    JSON.stringify({ jsonrpc: "2.0", id, method: job, params: [input] }) + "\n";
  await withServer({ ...FEW, maxQueue: 8, security: () => ({ principals }) }, async (server) => {
    using good = await server.connect();
    await good.ask("AUTH good");
    using hogs = new DisposableStack();
    for (let i = 0; i < 2; i++) {
      const hog = hogs.use(await server.connect());
      await hog.ask("AUTH hog");
      await hog.say(Array.from({ length: 20 }, (_, id) => call(id, "spin", "x")).join(""));
      const refusal = await hog.hearLine();
      assertStringIncludes(refusal!, "The queue is full for you: 4 of your requests wait");
    }

    await good.say(`${call(1, "fib_js", 10)}PING\n`);
    assertEquals(await good.hearLine(), "PONG"); // and no refusal before it
    hogs.dispose();
    assertStringIncludes((await good.hearLine())!, '"result":55');
  });
});
