import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FakeThreads, type Permissions, type ScopeSpec } from "../../src/env/mod.ts";
import {
  toFlags,
  toWorkerPermissions,
  withRuntimeSources,
} from "../../src/env/deno_permissions.ts";
import { Switch } from "../../src/switch/mod.ts";

const NOTHING: Permissions = {
  net: "none",
  read: "none",
  write: "none",
  env: "none",
  run: "none",
  ffi: "none",
  sys: "none",
  import: "none",
};
const SPEC: ScopeSpec = { name: "base", isolation: "worker", permissions: NOTHING, memoryMb: 64 };

/** Threads that answer each message with itself. */
function echoes(): FakeThreads {
  return new FakeThreads({ run: (post) => (message) => post(message) });
}

async function start(sw: Switch, threads: FakeThreads) {
  const thread = await (await threads.open(sw, SPEC)).start(0);
  return { thread, fake: threads.alive.at(-1)! };
}

Deno.test("FakeThreads run the program, and deliver messages in order, later", async () => {
  await Switch.run(async (sw) => {
    const { thread } = await start(sw, echoes());
    const heard: unknown[] = [];
    const all = Promise.withResolvers<void>();
    thread.onMessage((message) => heard.push(message) === 2 && all.resolve());
    thread.post({ first: 1 });
    thread.post("second");
    assertEquals(heard, []);
    await all.promise;
    assertEquals(heard, [{ first: 1 }, "second"]);
  });
});

Deno.test("FakeThreads keep what a thread says until somebody listens", async () => {
  await Switch.run(async (sw) => {
    const threads = new FakeThreads({
      run: (post) => {
        post("up");
        return () => {};
      },
    });
    const { thread } = await start(sw, threads);
    await Promise.resolve();
    assertEquals(await new Promise((resolve) => thread.onMessage(resolve)), "up");
  });
});

Deno.test("FakeThreads refuse what cannot be sent, on either side", async () => {
  await Switch.run(async (sw) => {
    const refused = Promise.withResolvers<unknown>();
    const threads = new FakeThreads({
      run: (post) => () => {
        try {
          post(() => {});
        } catch (error) {
          refused.resolve(error);
        }
      },
    });
    const { thread } = await start(sw, threads);
    assertThrows(() => thread.post(() => {}), DOMException);
    thread.post("go");
    assert(await refused.promise instanceof DOMException);
  });
});

Deno.test("FakeThreads.kill() makes a thread deaf and mute, once", async () => {
  await Switch.run(async (sw) => {
    const heard: unknown[] = [];
    const threads = new FakeThreads({ run: () => (message) => heard.push(message) });
    const { thread } = await start(sw, threads);
    thread.onMessage((message) => heard.push(message));
    thread.post("sent before, not heard any more");
    const report = await thread.kill();
    assertEquals(report, { verified: true, ms: 0 });
    assertEquals(await thread.ended, { kind: "killed" });
    assertEquals(await thread.kill(), report);
    assertEquals(heard, []);
    assertEquals(threads.alive, []);
  });
});

Deno.test("FakeThreads whose kills do not take go on, and say so", async () => {
  await Switch.run(async (sw) => {
    const threads = echoes();
    const { thread, fake } = await start(sw, threads);
    threads.killsTake = false;
    assertEquals((await thread.kill()).verified, false);
    assert(fake.isAlive);
    const answer = new Promise((resolve) => thread.onMessage(resolve));
    thread.post("still there");
    assertEquals(await answer, "still there");
  });
});

Deno.test("FakeThreads end as they are told: a crash, out of memory, the first of them", async () => {
  await Switch.run(async (sw) => {
    const threads = echoes();
    const { thread, fake } = await start(sw, threads);
    fake.crash("it was hit");
    fake.end({ kind: "out-of-memory" });
    assertEquals(await thread.ended, { kind: "crashed", reason: "it was hit" });
    assertEquals((await thread.kill()).verified, true);
  });
});

Deno.test("FakeThreads start none while a start error is set", async () => {
  await Switch.run(async (sw) => {
    const threads = echoes();
    const warden = await threads.open(sw, SPEC);
    threads.startError = new Error("no threads today");
    await assertRejects(() => warden.start(0), Error, "no threads today");
    threads.startError = undefined;
    await warden.start(0);
    assertEquals(threads.starts, 2);
  });
});

Deno.test("FakeThreads end with the switch of their scope", async () => {
  const threads = echoes();
  const { thread, warden } = await Switch.run(async (sw) => {
    const warden = await threads.open(sw, SPEC);
    return { warden, thread: await warden.start(0) };
  });
  assertEquals(await thread.ended, { kind: "killed" });
  await assertRejects(() => warden.start(0), Error, 'scope "base" is closed');
});

Deno.test("withRuntimeSources() lets a lane read its own program, and nothing else more", () => {
  const { read, ...others } = withRuntimeSources({ ...NOTHING, read: ["/data"] });
  assert(Array.isArray(read) && read.includes("/data"));
  assert(read.some((path) => path.endsWith("/workers/runtime")));
  assert(!read.some((path) => path.endsWith("/workers") || path.endsWith("/src")));
  assertEquals({ ...others, read: "none" }, NOTHING);
  assertEquals(withRuntimeSources({ ...NOTHING, read: "all" }).read, "all");
});

Deno.test("toWorkerPermissions() writes every kind out", () => {
  const permissions = toWorkerPermissions({ ...NOTHING, net: ["localhost:80"], env: "all" });
  assertEquals(permissions, {
    net: ["localhost:80"],
    read: false,
    write: false,
    env: true,
    run: false,
    ffi: false,
    sys: false,
    import: false,
  });
});

Deno.test("toFlags() allows what is granted, and denies the imports that are open by default", () => {
  assertEquals(toFlags(NOTHING), ["--deny-import"]);
  const granted: Permissions = { ...NOTHING, net: ["a:1", "b:2"], sys: "all", import: ["jsr.io"] };
  assertEquals(toFlags(granted), ["--allow-net=a:1,b:2", "--allow-sys", "--allow-import=jsr.io"]);
});

Deno.test("toFlags() refuses a value that a comma would split into two grants", () => {
  assertThrows(
    () => toFlags({ ...NOTHING, read: ["/data/a,/etc"] }),
    RangeError,
    'Cannot grant read "/data/a,/etc" to a process: a comma would split it',
  );
});
