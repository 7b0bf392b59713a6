import { assert, assertEquals } from "@std/assert";
import { FakeClock, type KillReport, type Thread, type ThreadEnd } from "../../src/env/mod.ts";
import { PoolLane } from "../../src/pool/lanes/lane.ts";
import { Slots, SLOTS_BYTES } from "../../src/pool/link/mod.ts";
import { Submitter } from "../../src/pool/mod.ts";
import { Numbered } from "./numbered.ts";

/** A thread that does nothing: the test is at the other end of the shared memory. */
class StillThread implements Thread {
  readonly id = 1;
  readonly shared = new SharedArrayBuffer(SLOTS_BYTES);
  readonly ended = new Promise<ThreadEnd>(() => {});

  post(): void {}
  onMessage(): void {}
  residentMb(): undefined {}
  kill(): Promise<KillReport> {
    return Promise.resolve({ verified: true, ms: 0 });
  }
}

Deno.test("Behind a job that was asked to stop nothing waits, until its lane is empty", () => {
  const thread = new StillThread();
  const events = { onEnded() {}, onRoom() {}, onMessage() {} };
  const lane = new PoolLane(thread, new FakeClock(), events);
  const far = new Slots(thread.shared);
  const [first, second, third] = [0, 1, 2].map((n) => new Numbered(n, new Submitter())) as [
    Numbered,
    Numbered,
    Numbered,
  ];

  lane.post(first, 0);
  assert(far.start(0));
  lane.post(second, 0);
  assert(lane.takesAhead);
  lane.ask(first);
  assertEquals(lane.takesAhead, false);
  assertEquals(lane.withdrawAll(), [second]);

  far.finish(0, 1, "done");
  far.free(1);
  lane.takeEnds();
  assertEquals(lane.outstanding, 0);
  lane.post(third, 0);
  assert(lane.takesAhead);
  lane.close();
});
