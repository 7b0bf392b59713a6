import { assertEquals } from "@std/assert";
import project from "../../deno.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url);
const MODULE = "workers/assembly/fib.wasm";

Deno.test("deno task build:wasm makes the module that is here, byte for byte", async () => {
  const output = await Deno.makeTempFile({ suffix: ".wasm" });
  try {
    const { command } = project.tasks["build:wasm"];
    const [, ...args] = command.replace(`--outFile ${MODULE}`, `--outFile ${output}`).split(" ");
    const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT })
      .output();
    assertEquals(success, true, new TextDecoder().decode(stderr));
    assertEquals(await Deno.readFile(output), await Deno.readFile(new URL(MODULE, ROOT)));
  } finally {
    await Deno.remove(output);
  }
});
