import { assert, assertEquals, assertMatch } from "@std/assert";
import { PROGRAM, Serving } from "../serving.ts";

/** The program as somebody starts it who does not know of the V8 flag. */
const UNFLAGGED = PROGRAM.filter((part) => !part.startsWith("--v8-flags"));

Deno.test("Without the V8 flag the self-test fails, and jobs run in processes", async () => {
  const serving = await Serving.start(UNFLAGGED);
  await using _ = serving;

  assertMatch(serving.announcement, /isolation="processes \(self-test: .*killed in \d+ ms\)"/);
});

Deno.test("With --isolation worker it does not start where busy threads cannot be killed", async () => {
  const [program = "", ...args] = UNFLAGGED;
  const { code, stderr } = await new Deno.Command(program, {
    args: [...args, "serve", "--listen=127.0.0.1:0", "--isolation=worker"],
    stdin: "null",
    stdout: "null",
  }).output();
  const said = new TextDecoder().decode(stderr);

  assertEquals(code, 1);
  assertMatch(
    said,
    /^switchyard: Cannot isolate jobs by workers here: .*allocating loop NOT killed/,
  );
  assert(!said.includes("    at "), `a stack for a foreseeable fault: ${said}`);
});

Deno.test("With the V8 flag jobs run in threads that are seen to die", async () => {
  const serving = await Serving.start(PROGRAM);
  await using _ = serving;

  assertMatch(serving.announcement, /isolation="lanes in worker threads \(self-test: .*\)"/);
});
