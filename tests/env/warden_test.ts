import { getPriority } from "node:os";
import { assert, assertEquals } from "@std/assert";
import { type Permissions, realEnv } from "../../src/env/mod.ts";
import { Switch } from "../../src/switch/mod.ts";
import { childProcesses, priorityOf, until, workerThreads } from "../pool/platform.ts";

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

/** Runs `fn` with a list of the Web Workers that are made meanwhile: the wardens, oldest first. */
async function watchingWorkers(fn: (wardens: readonly Worker[]) => Promise<void>): Promise<void> {
  const wardens: Worker[] = [];
  const Original = globalThis.Worker;
  globalThis.Worker = class extends Original {
    constructor(...args: ConstructorParameters<typeof Original>) {
      super(...args);
      wardens.push(this);
    }
  };
  try {
    await fn(wardens);
  } finally {
    globalThis.Worker = Original;
  }
}

Deno.test("A warden that fails costs its own lanes, and its scope opens another", async () => {
  await watchingWorkers((wardens) =>
    Switch.run(async (sw) => {
      const { threads } = realEnv();
      const spec = { isolation: "worker", permissions: NOTHING, memoryMb: 64 } as const;
      const scope = await threads.open(sw, { ...spec, name: "failing" });
      const neighbour = await threads.open(sw, { ...spec, name: "neighbour" });
      const [lost, other] = await Promise.all([scope.start(0), neighbour.start(0)]);

      wardens[0]!.dispatchEvent(new ErrorEvent("error", { message: "hit", cancelable: true }));

      assertEquals(await lost.ended, { kind: "crashed", reason: "its warden failed: hit" });
      const next = await scope.start(0);
      assertEquals(wardens.length, 3);
      assert((await next.kill()).verified && (await other.kill()).verified);
    })
  );
});

Deno.test({
  name: "A lane stands back behind this thread, its warden and the engine's threads half as far",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    Switch.run(async (sw) => {
      const { threads } = realEnv();
      const before = workerThreads();
      const spec = { isolation: "worker", permissions: NOTHING, memoryMb: 64 } as const;
      const lane = await (await threads.open(sw, { ...spec, name: "base" })).start(0);

      const [warden, ...lanes] = workerThreads().filter((name) => !before.includes(name));

      const own = getPriority();
      assertEquals(priorityOf(warden!), Math.min(own + 5, 19));
      assertEquals(priorityOf("V8 DefaultWorke"), Math.min(own + 5, 19));
      assertEquals(lanes.map(priorityOf), [Math.min(own + 10, 19)]);
      assert((await lane.kill()).verified);
    }),
});

Deno.test("A lane in a process has no more data, files and core dumps than it may", async () => {
  await Switch.run(async (sw) => {
    const { threads } = realEnv();
    const spec = { isolation: "process", permissions: NOTHING, memoryMb: 64 } as const;
    const before = childProcesses();
    await (await threads.open(sw, { ...spec, name: "limited" })).start(0);
    const limits = childProcesses().filter((pid) => !before.includes(pid)).map(limitsOf);
    const lane = limits.find((its) => its.get("Max data size") === (2_048 + 8 * 64) * 2 ** 20);
    assertEquals(lane?.get("Max core file size"), 0);
    assert(lane!.get("Max open files")! <= 1_024);
  });
});

/** The hard limits of a process. */
function limitsOf(pid: string): ReadonlyMap<string, number> {
  const text = Deno.readTextFileSync(`/proc/${pid}/limits`);
  const rows = text.matchAll(/^(\S+(?: \S+)*) {2,}\S+ +(\d+)/gm);
  return new Map([...rows].map(([, name, hard]) => [name!, Number(hard)]));
}

Deno.test("When the server is killed, no process of its busy lanes burns on", async () => {
  const program = new URL("./orphaned_lane.ts", import.meta.url);
  const server = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", "--no-check", program.pathname],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const { value } = await server.stdout.pipeThrough(new TextDecoderStream()).getReader().read();
  const lanes = value!.trim().split(" ").map(Number);
  assertEquals(lanes.map(isAlive), [true, true]);
  server.kill("SIGKILL");
  await server.status;
  await until(() => !lanes.some(isAlive));
});

/** Whether a process runs; one that only waits to be reaped does not. */
function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return false;
  }
}
