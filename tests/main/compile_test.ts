import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import { Serving } from "../serving.ts";

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
    });
  },
});

Deno.test({
  name: `the compiled program serves${RUNTIME ? "" : " (ignored: DENORT_BIN names no runtime)"}`,
  ignore: RUNTIME === "",
  fn: async () => {
    await withBinary(RUNTIME, async (binary) => {
      const serving = await Serving.start([binary]);
      await serving.client(async ({ reader, writer }) => {
        writer.writeLine("30");
        assertEquals(await reader.readLine(), "Result: 832040");
      });
      assertEquals(await serving.stop(), 0);
    });
  },
});
