import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import { PROGRAM, Serving } from "../serving.ts";

const ROOT = new URL("../../", import.meta.url);

/** The runtime of compiled programs, where one is at hand: `deno compile` would download it. */
const RUNTIME = Deno.env.get("DENORT_BIN") ?? "";

/** Any program can stand in for the runtime to see what is put into the binary, if it is an ELF file. */
const STAND_IN = "/bin/true";

/** Runs the task's own command, but for where the binary goes. Returns what it prints. */
async function compile(runtime: string, output: string): Promise<string> {
  const { command } = project.tasks.compile;
  const [, ...args] = command.replace("dist/switchyard", output).split(" ");
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: ROOT,
    env: { DENORT_BIN: runtime, NO_COLOR: "1" },
  }).output();
  const printed = new TextDecoder().decode(stderr);
  assertEquals(success, true, printed);
  return printed;
}

async function withBinary(runtime: string, fn: (binary: string, printed: string) => Promise<void>) {
  const folder = await Deno.makeTempDir({ prefix: "switchyard-" });
  try {
    const binary = `${folder}/switchyard`;
    await fn(binary, await compile(runtime, binary));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "deno task compile takes the workers along, and the flag that makes them killable",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await withBinary(STAND_IN, async (binary, printed) => {
      assertMatch(printed, /├── deno\.json/);
      assertMatch(printed, /workers(\/\*)? \(/);
      const embedded = new TextDecoder("latin1").decode(await Deno.readFile(binary));
      const [metadata = ""] = /\{"argv":.*"v8_flags":\[[^\]]*\]/.exec(embedded) ?? [];
      assertStringIncludes(metadata, '"--no-turboshaft-loop-unrolling"');
      for (const { name } of Deno.readDirSync(new URL("workers/runtime/", ROOT))) {
        assertStringIncludes(embedded, `"${name}"`);
      }
      for (const name of ["fib.wasm", "mozjpeg_dec.wasm", "micromark", "valibot"]) {
        assertStringIncludes(embedded, `"${name}"`);
      }
    });
  },
});

Deno.test({
  name: `the compiled program serves${RUNTIME ? "" : " (ignored: DENORT_BIN names no runtime)"}`,
  ignore: RUNTIME === "",
  fn: () => withBinary(RUNTIME, (binary) => tryProgram([binary])),
});

/** Asks a program what there is to try: code, WebAssembly, packages, a kill; and it asks itself. */
async function tryProgram(program: readonly string[]): Promise<void> {
  const serving = await Serving.start(program);
  await serving.client(async ({ reader, writer }) => {
    const ask = async (line: string) => {
      writer.writeLine(line);
      return String(await reader.readLine());
    };
    assertEquals(await ask("30"), "Result: 832040");
    assertEquals(await ask("fib_js 20"), "Result: 6765");
    assertEquals(await ask("markdown *a*"), "Result: <p><em>a</em></p>");
    assertEquals(await ask('query a from {"a":1}'), "Result: 1");
    assertMatch(await ask("thumbnail AAAA"), /^Error: Cannot read the image: expected/);
    const spin = { method: "spin", params: ["", { _meta: { deadlineMs: 20 } }], id: 1 };
    assertMatch(await ask(JSON.stringify({ jsonrpc: "2.0", ...spin })), /"how":"killed"/);
  });
  const [command = "", ...args] = program;
  const server = /address=(\S+)/.exec(serving.announcement)![1]!;
  const call = new Deno.Command(command, {
    args: [...args, "call", `--server=${server}`, "sha256", "hello"],
  });
  assertMatch(new TextDecoder().decode((await call.output()).stdout), /^2cf24dba/);
  assertEquals(await serving.stop(), 0);
}

Deno.test("a compiled program refuses a job that needs a process, and serves the others", async () => {
  const folder = await Deno.makeTempDir({ prefix: "switchyard-" });
  try {
    const config = `${folder}/switchyard.json`;
    await Deno.writeTextFile(config, '{ "grants": { "sleep": { "untrusted": true } } }');
    const preload = `--preload=${new URL("compiled.ts", import.meta.url).pathname}`;
    const program = [PROGRAM[0]!, "run", preload, ...PROGRAM.slice(2)];
    await using serving = await Serving.start(program, "--config", config);
    const answers = await serving.client(async ({ reader, writer }) => {
      for (const line of ["sleep 1", "20"]) writer.writeLine(line);
      return [await reader.readLine(), await reader.readLine()];
    });
    assertEquals(answers, [
      "Error: Cannot run the job sleep in a process, as it must be: a compiled program has none to start that may do less than it may itself. Use the worker isolation, or run it with deno [DENIED]",
      "Result: 6765",
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
