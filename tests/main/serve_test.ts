import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { Program } from "./program.ts";

const ONE_CORE = ["--cores", "1"];

/** A third of a second as a rule; a machine that runs other tests meanwhile takes its time. */
const AT_ONCE_MS = 3000;

/** A program that serves, with a client whose job runs. */
async function running(program: Program, job: string) {
  const client = await program.connect();
  const watcher = await program.connect();
  await client.say(`${job}\n`);
  await watcher.untilRunning(1);
  return { client, watcher };
}

for (const name of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`${name} drains: what runs is answered, and the exit code is 0`, async () => {
    await using program = Program.serve(ONE_CORE);
    const { client, watcher } = await running(program, "sleep 300");
    program.signal(name);
    assertEquals(await watcher.hearAll(), "BYE The server is stopping\n");
    assertEquals(await client.hearAll(), "Result: 300\nBYE The server is stopping\n");
    assertEquals(await program.end(), 0);
    assertMatch(program.lines.at(-1)!, /INFO {2}stopped: everything was finished$/);
    client.close();
    watcher.close();
  });

  Deno.test(`${name} to \`deno task serve\` drains as well`, async () => {
    await using program = Program.task(ONE_CORE);
    const { client, watcher } = await running(program, "sleep 300");
    program.signal(name);
    assertEquals(await client.hearAll(), "Result: 300\nBYE The server is stopping\n");
    assertEquals(await program.end(), 0);
    assertMatch(program.lines.at(-1)!, /INFO {2}stopped: everything was finished$/);
    client.close();
    watcher.close();
  });
}

Deno.test("A second signal cuts: the job is stopped, and the exit code is 1", async () => {
  await using program = Program.serve(ONE_CORE);
  const { client, watcher } = await running(program, "spin");
  program.signal("SIGTERM");
  await program.until(/draining: /);
  const since = performance.now();
  program.signal("SIGINT");
  assertEquals(await program.end(), 1);
  assertLess(performance.now() - since, AT_ONCE_MS);
  await program.until(/WARN {2}job killed: the server was told twice to stop; it was killed after/);
  assertMatch(program.lines.at(-1)!, /INFO {2}stopped: the rest was cut$/);
  client.close();
  watcher.close();
});

Deno.test("A second signal of the same name cuts too, if it is no echo of the first", async () => {
  await using program = Program.serve([...ONE_CORE, "--grace", "60s"]);
  const { client, watcher } = await running(program, "sleep 60000");
  using other = await program.connect();
  await other.say("PING\nsleep 300\n");
  assertEquals(await other.hearLines(1), ["PONG"]); // and the other line was read with it
  program.signal("SIGINT");
  assertEquals(await other.hearAll(), "Result: 300\nBYE The server is stopping\n"); // by now an echo would have come
  program.signal("SIGINT");
  await program.until(/job cancelled: the server was told twice to stop; it stopped when asked/);
  assertEquals(await program.end(), 1);
  client.close();
  watcher.close();
});

Deno.test("A drain that takes longer than --drain is cut, and the exit code is 1", async () => {
  await using program = Program.serve([...ONE_CORE, "--drain", "50ms"]);
  const { client, watcher } = await running(program, "sleep 60000");
  program.signal("SIGTERM");
  assertEquals(await program.end(), 1);
  await program.until(/WARN {2}what runs is cut: the drain took too long drainMs=50$/);
  client.close();
  watcher.close();
});

Deno.test("With --log json every line is one of JSON, and tells of each connection at debug", async () => {
  const flags = ["--log", "json", "--log-level", "debug", "--insecure", "--listen", "0.0.0.0:0"];
  await using program = Program.serve([...ONE_CORE, ...flags]);
  const { client, watcher } = await running(program, "spin");
  const [failed] = await watcher.ask("sleep soon");
  assertMatch(failed!, /\[INVALID\]$/);
  client.close();
  await program.until(/job killed/);
  program.signal("SIGTERM");
  await watcher.hearAll();
  assertEquals(await program.end(), 0);
  const records = program.lines.map((line) => JSON.parse(line));
  assert(records.every(({ time, level, message }) => time && level && message));
  const messages = records.map(({ level, message }) => `${level}: ${message}`);
  assertEquals(messages.filter((text) => text === "debug: connection opened").length, 2);
  assertEquals(messages.filter((text) => text.startsWith("info: job invalid: ")).length, 1);
  assertEquals(messages.filter((text) => text.startsWith("warn: job killed: ")).length, 1);
  watcher.close();
});

Deno.test("With --isolation process it serves, and stops the jobs of a client that leaves", async () => {
  await using program = Program.serve([...ONE_CORE, "--isolation", "process"]);
  await program.until(/listening.*isolation="processes \(self-test: empty loop killed in \d+ ms, /);
  const { client, watcher } = await running(program, "spin");
  assertEquals(await watcher.ask("30", "sha256"), [
    "Result: 832040",
    "Result: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  ]);
  client.close();
  await program.until(/job killed: its client left; it was killed after \d+ ms/);
  program.signal("SIGTERM");
  await watcher.hearAll();
  assertEquals(await program.end(), 0);
  watcher.close();
});

Deno.test("A Ctrl-C that reaches the lanes' processes too drains, as any other", async () => {
  await using program = Program.serve([...ONE_CORE, "--isolation", "process"]);
  const { client, watcher } = await running(program, "sleep 300");
  program.signalGroup("SIGINT");
  assertEquals(await client.hearAll(), "Result: 300\nBYE The server is stopping\n");
  await watcher.hearAll();
  assertEquals(await program.end(), 0);
  client.close();
  watcher.close();
});

Deno.test("It serves with no more permissions than to listen, to read files and to read variables", async () => {
  const permissions = ["--allow-net", "--allow-read", "--allow-env"];
  await using program = Program.serve(ONE_CORE, { permissions });
  using client = await program.connect();
  assertEquals(await client.ask("30"), ["Result: 832040"]);
  program.signal("SIGTERM");
  assertEquals(await program.end(), 0);
});

Deno.test("A variable says what a flag says", async () => {
  const env = { SWITCHYARD_DIALECTS: "numbers", SWITCHYARD_CORES: "1" };
  await using program = Program.serve([], { env });
  using client = await program.connect();
  assertEquals(await client.ask("PING", "10"), ["Error: Invalid number", "Result: 55"]);
  program.signal("SIGTERM");
  assertEquals(await program.end(), 0);
});
