import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { hashToken } from "../../src/access/mod.ts";
import { RawClient } from "../server/raw_client.ts";
import { Program, run } from "./program.ts";

const ONE_CORE = ["--cores", "1"];
const FIXTURES = new URL("../fixtures/tls/", import.meta.url).pathname;

Deno.test("Beyond this machine without asking anybody, serve ends with 2 and names both remedies", async () => {
  const { code, stderr } = await run(["serve", "--listen", "0.0.0.0:0"]);
  assertEquals(code, 2);
  assertMatch(stderr, /^switchyard: Cannot listen on 0\.0\.0\.0:0: .*--tokens .*--insecure\n$/);
});

Deno.test("A certificate that is not that of the key ends serve with 2, in a sentence", async () => {
  const tls = ["--tls-cert", `${FIXTURES}server.crt`, "--tls-key", `${FIXTURES}renewed.key`];
  const { code, stderr } = await run(["serve", "--listen", "tls::0", ...tls]);
  assertEquals([code, stderr], [
    2,
    "switchyard: Cannot speak TLS: the private key is not that of the certificate\n",
  ]);
});

Deno.test("serve asks for tokens of a file or a variable, and takes new ones with SIGHUP", async () => {
  const folder = await Deno.makeTempDir();
  const tokens = `${folder}/tokens`;
  await Deno.writeTextFile(tokens, `web ${hashToken("old")}\n`);
  try {
    await using program = Program.serve([...ONE_CORE, "--tokens", tokens]);
    using first = await program.connect();
    assertEquals(await first.ask("AUTH old", "10"), ["Result: you are web", "Result: 55"]);

    await Deno.writeTextFile(tokens, "web nonsense\n");
    program.signal("SIGHUP");
    await program.until(/stay as they were.*64 hex digits/);
    await Deno.writeTextFile(tokens, `web ${hashToken("new")}\n`);
    program.signal("SIGHUP");
    await program.until(/were read again/);

    using second = await program.connect();
    const [wrong, right] = await second.ask("AUTH old", "AUTH new");
    assertStringIncludes(wrong!, "[DENIED]");
    assertEquals(right, "Result: you are web");
    assertEquals(await first.ask("10"), ["Result: 55"]);
    program.signal("SIGTERM");
    await first.hearAll();
    assertEquals(await program.end(), 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Opens a socket, makes it descriptor 3 and becomes deno, as systemd does. */
const OPENER = `
import os, socket, sys
server = socket.socket(); server.bind(("127.0.0.1", 0)); server.listen(8)
os.dup2(server.fileno(), 3); os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()), LISTEN_FDNAMES="web")
os.execvp(sys.argv[1], sys.argv[1:])`;

const hasPython = await new Deno.Command("python3", { args: ["-V"], stdout: "null" }).output()
  .then(({ success }) => success, () => false);

Deno.test({
  name: "serve takes a socket of systemd by its name, and a drain answers what runs" +
    (hasPython ? "" : " (ignored: there is no python3 to open one)"),
  ignore: !hasPython,
  async fn() {
    const serve = ["main.ts", "serve", "--listen", "systemd:web", ...ONE_CORE];
    const flags = "--v8-flags=--no-turboshaft-loop-unrolling,--no-concurrent-recompilation";
    const child = new Deno.Command("python3", {
      args: ["-c", OPENER, Deno.execPath(), "run", "--no-prompt", "-A", flags, ...serve],
      cwd: new URL("../../", import.meta.url),
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const log = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
    let heard = "";
    while (!heard.includes("listening")) heard += (await log.read()).value;
    const [, port] = /address=127\.0\.0\.1:(\d+)/.exec(heard)!;
    using client = await RawClient.connect({
      transport: "tcp",
      hostname: "127.0.0.1",
      port: Number(port),
    });
    assertEquals(await client.ask("10"), ["Result: 55"]);
    child.kill("SIGTERM");
    await client.hearAll();
    while (!(await log.read()).done);
    assertEquals((await child.status).code, 0);
  },
});
