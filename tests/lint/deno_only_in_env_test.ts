import { assertEquals, assertStringIncludes } from "@std/assert";
import house from "../../lint/house.ts";

function complaints(file: string, source: string): string[] {
  return Deno.lint.runPlugin(house, file, source)
    .filter(({ id }) => id === "house/deno-only-in-env")
    .map(({ message }) => message);
}

const places = [
  "main.ts",
  "main_serve.ts",
  "src/env/deno.ts",
  "src/env/deno_net.ts",
  "workers/runtime/lane.ts",
  "tests/net/accept_test.ts",
  "bench/lines.ts",
  "std/net.ts",
  "lint/house.ts",
  ".ci/count.ts",
];

for (const place of places) {
  Deno.test(`house/deno-only-in-env lets ${place} take authority`, () => {
    const source = `import { Worker as W } from "node:worker_threads";
      Deno.exit(); new Worker("x"); globalThis.Deno;`;
    assertEquals(complaints(place, source), []);
  });
}

const harmless = [
  `env.Deno.exit();`,
  `const runtime = { Deno: 1 }; runtime.Deno;`,
  `class Names { Deno = 1; Worker() {} }`,
  `interface Names { Deno: string; Worker(): void }`,
  `type T = Names.Deno;`,
  `enum Names { Deno }`,
  `function f(Deno: { exit(): void }) { Deno.exit(); }`,
  `const f = ({ a: [Deno = 1] }: X, ...rest: number[]) => { if (rest) return Deno; };`,
  `function f() { const Deno = 1; { return () => Deno; } }`,
  `for (const Deno of runtimes) use(Deno);`,
  `for (let Deno = 0; Deno < 3; Deno++) use(Deno);`,
  `try { f(); } catch (Deno) { use(Deno); }`,
  `switch (x) { case 1: { const Deno = 1; use(Deno); } }`,
  `import { Deno } from "./fake.ts"; Deno.exit();`,
  `class Worker {} new Worker();`,
  `export class Worker {} new Worker();`,
  `new pool.Worker();`,
  `const text = "Deno.exit()"; // Deno.exit()`,
  `import { setPriority } from "node:os";`,
];

for (const source of harmless) {
  Deno.test(`house/deno-only-in-env lets src/net/ say ${source}`, () => {
    assertEquals(complaints("src/net/conn.ts", source), []);
  });
}

const forbidden: readonly [source: string, what: string][] = [
  [`Deno.exit();`, "Deno"],
  [`const { exit } = Deno;`, "Deno"],
  [`let conn: Deno.Conn;`, "Deno"],
  [`function f(conn: Deno.Conn) {}`, "Deno"],
  [`const x = { Deno };`, "Deno"],
  [`const x = names[Deno];`, "Deno"],
  [`{ const Deno = 1; use(Deno); } Deno.exit();`, "Deno"],
  [`function f(Deno: X) {} Deno.exit();`, "Deno"],
  [`globalThis.Deno.exit();`, "Deno"],
  [`globalThis["Deno"].exit();`, "Deno"],
  [`new Worker("x");`, "new Worker"],
  [`new globalThis.Worker("x");`, "Worker"],
  [`import { parentPort } from "node:worker_threads";`, "node:worker_threads"],
  [`export { parentPort } from "node:worker_threads";`, "node:worker_threads"],
  [`export * from "node:worker_threads";`, "node:worker_threads"],
  [`await import("node:worker_threads");`, "node:worker_threads"],
];

for (const [source, what] of forbidden) {
  Deno.test(`house/deno-only-in-env stops src/net/ from ${source}`, () => {
    const [message = "", ...more] = complaints("src/net/conn.ts", source);
    assertStringIncludes(message, `Keep ${what.startsWith("node") ? `"${what}"` : what} out`);
    assertEquals(more, []);
  });
}

Deno.test("house/deno-only-in-env holds for src/env/ beside deno*.ts", () => {
  assertEquals(complaints("src/env/clock.ts", "Deno.exit();").length, 1);
});
