import { assert, assertEquals, assertRejects } from "@std/assert";
import { ThreadBase } from "../../src/env/deno_thread_base.ts";
import { FakeClock, type KillReport } from "../../src/env/mod.ts";

/** A thread that ends, and is given up, as the test sees. */
class TestThread extends ThreadBase {
  readonly shared = undefined;
  kills = 0;
  isAbandoned = false;

  residentMb(): undefined {}
  post(): void {}

  /** It says that it is up. */
  up(): void {
    this.received("up");
  }

  /** It ends, late or in time. */
  end(): void {
    this.hasEnded({ kind: "crashed", reason: "it was told to" });
  }

  protected override startKill(): void {
    this.kills++;
  }

  protected override abandon(): void {
    this.isAbandoned = true;
  }
}

function killing(limits: { readonly killMs?: number } = {}) {
  const clock = new FakeClock();
  const thread = new TestThread(clock, limits);
  const reports: KillReport[] = [];
  void thread.kill().then((report) => reports.push(report));
  return { clock, thread, reports };
}

Deno.test("A thread that ends late, as on a full machine, has been killed all the same", async () => {
  const { clock, thread, reports } = killing();
  await clock.advance(4_999);
  assertEquals(reports, []);
  thread.end();
  await clock.settle();
  assertEquals(reports, [{ verified: true, ms: 4_999 }]);
  assertEquals(await thread.ended, { kind: "killed" });
  assert(!thread.isAbandoned);
});

Deno.test("A kill that has not taken within its limit is given up, and its thread let go", async () => {
  for (const killMs of [5_000, 200]) {
    const { clock, thread, reports } = killing({ killMs });
    await clock.advance(killMs);
    assertEquals(reports, [{ verified: false, ms: killMs }]);
    assertEquals([thread.kills, thread.isAbandoned], [1, true]);
  }
});

Deno.test("A thread that does not listen within 20 s is killed, and its start is refused", async () => {
  const clock = new FakeClock();
  const thread = new TestThread(clock, {});
  const starting = assertRejects(() => thread.started(), Error, "did not listen within 20000 ms");
  await clock.advance(20_000);
  await starting;
  assertEquals(thread.kills, 1);
  await clock.advance(5_000);
});

Deno.test("A thread that listens in time has started", async () => {
  const clock = new FakeClock();
  const thread = new TestThread(clock, {});
  const starting = thread.started();
  await clock.advance(19_999);
  thread.up();
  assertEquals(await starting, thread);
});
