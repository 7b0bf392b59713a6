import { assertEquals, assertStringIncludes } from "@std/assert";
import house from "../../lint/house.ts";

function complaints(file: string, source: string): string[] {
  return Deno.lint.runPlugin(house, file, source)
    .filter(({ id }) => id === "house/imports-downhill")
    .map(({ message }) => message);
}

const ROOT = new URL("../../", import.meta.url).pathname;

const good: readonly [file: string, source: string][] = [
  ["src/switch/switch.ts", `import { Context } from "./context.ts";`],
  ["src/sync/semaphore.ts", `import { onAbort } from "../switch/mod.ts";`],
  ["src/env/net.ts", `import type { Switch } from "../switch/mod.ts"; import "../sync/mod.ts";`],
  ["src/testing/explore.ts", `import "../sync/mod.ts"; import "../env/mod.ts";`],
  ["src/job/manifest.ts", `import { parseInteger } from "../protocol/integer.ts";`],
  ["src/job/mod.ts", `export { Cancelled } from "../switch/mod.ts";`],
  ["src/net/accept.ts", `import { formatReply } from "../protocol/mod.ts";`],
  ["src/pool/pool.ts", `import type { Threads } from "../env/mod.ts";`],
  ["src/pool/link/slots.ts", `import { x } from "../queue.ts";`],
  ["src/ops/health.ts", `export { stats } from "../pool/mod.ts";`],
  ["src/dispatch/dispatcher.ts", `import "../pool/mod.ts"; import "../net/mod.ts";`],
  ["src/server.ts", `import { Dispatcher } from "./dispatch/mod.ts"; import "./ops/mod.ts";`],
  ["src/mod.ts", `export { runServer } from "./server.ts"; export * from "./net/mod.ts";`],
  ["src/net/accept.ts", `import { delay } from "@std/async"; import "node:os";`],
  ["src/env/deno_threads.ts", `import type { Ask } from "../../workers/runtime/warden.ts";`],
  ["workers/fib.ts", `import { defineJob } from "@switchyard/switchyard/job";`],
  ["workers/fib.ts", `import { parseInteger } from "../src/protocol/integer.ts";`],
  ["workers/runtime/lane.ts", `import "../../src/pool/link/mod.ts"; import "./run.ts";`],
  ["workers/runtime/process_lane.ts", `import { FrameReader } from "../../src/env/frames.ts";`],
  ["main.ts", `import { realEnv } from "./src/env/mod.ts"; import "./src/server.ts";`],
  ["tests/net/accept_test.ts", `import { accept } from "../../src/net/accept.ts";`],
  ["bench/lines.ts", `import { Lines } from "../src/net/lines.ts";`],
];

const bad: readonly [file: string, source: string, instead: string][] = [
  ["src/switch/switch.ts", `import "../env/mod.ts";`, "Pass it in as an argument"],
  ["src/switch/switch.ts", `import "../sync/mod.ts";`, "imports nothing of ours"],
  ["src/sync/channel.ts", `import "../env/mod.ts";`, "imports only switch"],
  ["src/env/fake.ts", `import "../testing/mod.ts";`, "imports only switch, sync"],
  ["src/protocol/reply.ts", `import "../switch/mod.ts";`, "imports nothing of ours"],
  [
    "src/env/net.ts",
    `import type { Reply } from "../protocol/mod.ts";`,
    "imports only switch, sync",
  ],
  ["src/env/net.ts", `import "../../workers/runtime/lane.ts";`, "started by its URL"],
  ["src/job/mod.ts", `import "../pool/mod.ts";`, "imports only switch, protocol"],
  ["src/net/conn.ts", `import "../pool/mod.ts";`, "imports only switch, sync, env, protocol"],
  ["src/pool/pool.ts", `import "../protocol/mod.ts";`, "imports only switch, sync, env, job"],
  ["src/pool/link/slots.ts", `import "../../net/mod.ts";`, "imports only switch, sync, env, job"],
  ["src/net/conn.ts", `import "../switch/context.ts";`, "by src/switch/mod.ts"],
  ["src/net/conn.ts", `export * from "../switch/context.ts";`, "by src/switch/mod.ts"],
  ["src/net/conn.ts", `export { x } from "../switch/context.ts";`, "by src/switch/mod.ts"],
  ["src/net/conn.ts", `await import("../switch/context.ts");`, "by src/switch/mod.ts"],
  ["src/net/conn.ts", `type C = import("../switch/context.ts").C;`, "by src/switch/mod.ts"],
  ["src/net/conn.ts", `import "../server.ts";`, "Pass it in as an argument"],
  ["src/env/deno_x.ts", `import { x } from "../../workers/runtime/a.ts";`, "started by its URL"],
  ["src/net/conn.ts", `import "../../std/net.ts";`, "a tool by its bare name"],
  ["src/net/conn.ts", `import "@switchyard/switchyard";`, "Import the room's mod.ts"],
  ["src/garden/rose.ts", `import "../switch/mod.ts";`, 'Give the room "garden" its place'],
  ["src/config.ts", `import "./server.ts";`, "below both"],
  ["src/server.ts", `import "./mod.ts";`, "below both"],
  ["src/other.ts", `import "./mod.ts";`, "below both"],
  ["src/config.ts", `import "./ops/mod.ts";`, 'Leave "src/ops/mod.ts" to src/server.ts'],
  ["src/dispatch/mod.ts", `import "../server.ts";`, "Pass it in as an argument"],
  ["src/dispatch/mod.ts", `import "../ops/mod.ts";`, "Pass it in as an argument"],
  ["src/ops/health.ts", `import "../dispatch/mod.ts";`, "Pass it in as an argument"],
  ["src/server.ts", `import "./pool/queue.ts";`, "by src/pool/mod.ts"],
  ["main.ts", `import "./src/env/deno.ts";`, "by src/env/mod.ts"],
  ["main_serve.ts", `import "./src/env/deno.ts";`, "by src/env/mod.ts"],
  ["workers/fib.ts", `import "../src/net/mod.ts";`, "Send it in a message"],
  ["workers/fib.ts", `import "../src/job/manifest.ts";`, "Send it in a message"],
  ["workers/fib.ts", `import "@switchyard/switchyard";`, "@switchyard/switchyard/job"],
  [`${ROOT}src/env/net.ts`, `import "../net/mod.ts";`, "imports only switch, sync"],
];

for (const [file, source] of good) {
  Deno.test(`house/imports-downhill lets ${file} say ${source}`, () => {
    assertEquals(complaints(file, source), []);
  });
}

for (const [file, source, instead] of bad) {
  Deno.test(`house/imports-downhill stops ${file.replace(ROOT, "/…/")} from ${source}`, () => {
    const [message = "", ...more] = complaints(file, source);
    assertStringIncludes(message, instead);
    assertEquals(more, []);
  });
}
