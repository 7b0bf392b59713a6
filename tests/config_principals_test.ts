import { assertEquals, assertThrows } from "@std/assert";
import { hashToken } from "../src/access/mod.ts";
import { ConfigError, parseConfigFile } from "../src/config.ts";
import { joinPrincipals, parseTokenLines } from "../src/config_principals.ts";
import { systemdSockets } from "../src/config_systemd.ts";
import { fakeVars } from "../src/env/mod.ts";

const [A, B] = [hashToken("a"), hashToken("b")];

Deno.test("parseTokenLines(): a name, a hash and limits a line; lines of one name are one principal", () => {
  const text = `
# who may ask
web  ${A}  jobs=fib,sha256 maxInFlight=16 rate=0.5 burst=3 maxConnections=8 priority=low
ops  ${B}  # everything\r
ops  ${A}
`;
  assertEquals(parseTokenLines(text, "--tokens"), [
    {
      name: "web",
      jobs: ["fib", "sha256"],
      maxInFlight: 16,
      rate: 0.5,
      burst: 3,
      maxConnections: 8,
      priority: "low",
      tokens: [A],
    },
    { name: "ops", tokens: [B, A] },
  ]);
});

const wrong: readonly [line: string, sentence: string][] = [
  ["web", `Cannot use "tokens" of the principal "web" in x, line 1: it takes the SHA-256`],
  ["web secret", `it takes the SHA-256 of each token, in 64 hex digits`],
  [`we/b ${A}`, `Cannot use "we/b" in x, line 1: a name is`],
  [`web ${A} fast`, `Cannot use "fast" in x, line 1: what follows a token is key=value`],
  [`web ${A} tokens=1`, `Cannot use "tokens=1"`],
  [`web ${A} rat=1`, "rat: there is no such key"],
  [`web ${A} rate=0`, `Cannot use "rate" of the principal "web"`],
  [`web ${A} maxInFlight=1.5`, `it takes a whole number of at least 1, got 1.5`],
  [`web ${A} priority=urgent`, "it takes high, normal, low"],
  [`web ${A}\nweb ${B} rate=1`, `Cannot use "web" in x: it is there twice`],
];

for (const [line, sentence] of wrong) {
  Deno.test(`parseTokenLines() says of ${JSON.stringify(line.replace(A!, "A"))}: ${sentence}`, () => {
    const error = assertThrows(() => parseTokenLines(line, "x"), ConfigError, sentence);
    assertEquals(error.message.includes("secret"), false);
  });
}

Deno.test("parseConfigFile() takes principals by their names, and paths from its folder", () => {
  const text = JSON.stringify({
    listen: [":1", "tls::2"],
    insecure: true,
    tlsCert: "server.crt",
    tokens: "env:TOKENS",
    principals: { web: { tokens: [A], jobs: ["fib"] }, "worker-7": {} },
  });
  const { values, principals } = parseConfigFile(text, "/etc/s/switchyard.json");
  assertEquals(principals, [{ name: "web", tokens: [A!], jobs: ["fib"] }, { name: "worker-7" }]);
  const texts = [...values].map(([flag, { text }]) => `${flag} ${text}`);
  assertEquals(texts, [
    "listen :1,tls::2",
    "insecure on",
    "tls-cert /etc/s/server.crt",
    "tokens env:TOKENS",
  ]);
});

Deno.test("joinPrincipals() takes the tokens of several places together", () => {
  const joined = joinPrincipals(
    [{ name: "web", tokens: [A!] }, { name: "web", tokens: [B!] }],
    "x",
  );
  assertEquals(joined, [{ name: "web", tokens: [A!, B!] }]);
});

Deno.test("systemdSockets() takes the descriptors from 3 on, all or those of a name, if they are this process's", () => {
  const vars = fakeVars({ LISTEN_PID: "7", LISTEN_FDS: "3", LISTEN_FDNAMES: "web:ops:web" });
  const fds = (name: string | undefined) =>
    systemdSockets({ transport: "systemd", name }, vars, 7).map(({ fd }) => fd);
  assertEquals([fds(undefined), fds("web"), fds("ops")], [[3, 4, 5], [3, 5], [4]]);
  assertThrows(() => fds("none"), ConfigError, `LISTEN_FDNAMES names no socket "none"`);
  const all = { transport: "systemd", name: undefined } as const;
  assertThrows(() => systemdSockets(all, vars, 8), ConfigError, "for process 7, and this is 8");
  assertThrows(() => systemdSockets(all, fakeVars(), 7), ConfigError, "no socket was handed over");
});
