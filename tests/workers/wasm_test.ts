import { assertEquals } from "@std/assert";
import { wasmAsModule } from "../../workers/runtime/wasm_as_module.ts";
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

Deno.test("WebAssembly as JavaScript imports what it imports, and exports what it exports", async () => {
  const source = wasmAsModule(forwarding("data:text/javascript,export const two = () => 2", "two"));
  const module = await import(`data:text/javascript,${encodeURIComponent(source)}`);
  assertEquals(Object.keys(module), ["a number"]);
  assertEquals(module["a number"](), 2);
});

/** WebAssembly whose function "a number" gives what the function `name` gives that it imports. */
function forwarding(path: string, name: string): Uint8Array<ArrayBuffer> {
  const text = (value: string) => [value.length, ...new TextEncoder().encode(value)];
  const section = (id: number, body: number[]) => [id, body.length, ...body];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 0, 1, 0x7f]), // the type of both: no parameters, an i32
    ...section(2, [1, ...text(path), ...text(name), 0, 0]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text("a number"), 0, 1]),
    ...section(10, [1, 4, 0, 0x10, 0, 0x0b]), // calls what is imported
  ]);
}
