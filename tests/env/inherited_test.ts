import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { NetError, realEnv } from "../../src/env/mod.ts";
import { Switch } from "../../src/switch/mod.ts";

/** Opens a socket, makes it descriptor 3 and becomes deno, as a service manager does. */
const OPENER = `
import os, socket, sys
server = socket.socket(); server.bind(("127.0.0.1", 0)); server.listen(8)
os.dup2(server.fileno(), 3); os.set_inheritable(3, True)
os.execvp(sys.argv[1], sys.argv[1:])`;

const PROGRAM = `
const { formatAddress, realEnv, Switch } = await import(Deno.args[0]);
await Switch.run(async (sw) => {
  const listener = await realEnv().net.listen(sw, { transport: "inherited", fd: 3 });
  console.log(formatAddress(listener.address));
  const conn = sw.use(await listener.accept());
  const buffer = new Uint8Array(64);
  for (let n; (n = await conn.read(buffer)) !== null;) await conn.write(buffer.subarray(0, n));
  await conn.closeWrite();
});`;

const hasPython = await new Deno.Command("python3", { args: ["-V"], stdout: "null" }).output()
  .then(({ success }) => success, () => false);

Deno.test({
  name: "Net.listen() serves a socket that a service manager has opened" +
    (hasPython ? "" : " (ignored: there is no python3 to open one)"),
  ignore: !hasPython,
  async fn() {
    const main = await Deno.makeTempFile({ suffix: ".ts" });
    await Deno.writeTextFile(main, PROGRAM);
    const config = new URL("../../deno.json", import.meta.url).pathname;
    const library = new URL("../../src/mod.ts", import.meta.url).href;
    const deno = [Deno.execPath(), "run", "-A", "--no-check", `--config=${config}`, main, library];
    const args = ["-c", OPENER, ...deno];
    const child = new Deno.Command("python3", { args, stdout: "piped" }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const [, port] = /^127\.0\.0\.1:(\d+)$/m.exec((await reader.read()).value!)!;

    const conn = await Deno.connect({ port: Number(port) });
    await conn.write(new TextEncoder().encode("hello"));
    await conn.closeWrite();
    assertEquals(await new Response(conn.readable).text(), "hello");

    await reader.cancel();
    assertEquals((await child.status).code, 0);
    await Deno.remove(main);
  },
});

Deno.test("Net.listen() on a descriptor that is no socket says so", async () => {
  await Switch.run(async (sw) => {
    const listening = () => realEnv().net.listen(sw, { transport: "inherited", fd: 987 });
    const { message } = await assertRejects(listening, NetError);
    assertMatch(message, /^Cannot listen on fd:987: /);
  });
});
