import { assert, assertEquals } from "@std/assert";
import {
  FakeClock,
  FakeThreads,
  type KillReport,
  type Thread,
  type ThreadEnd,
} from "../../src/env/mod.ts";
import { Cores } from "../../src/pool/lanes/cores.ts";
import { PoolLane } from "../../src/pool/lanes/lane.ts";
import { Slots, SLOTS_BYTES } from "../../src/pool/link/mod.ts";
import { type JobRequest, Submitter } from "../../src/pool/mod.ts";
import { Rounds } from "../../src/pool/rounds.ts";
import type { Scope } from "../../src/pool/scope.ts";
import { jobOf, Numbered } from "./numbered.ts";

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
  far.pass(1);
  lane.takeEnds();
  assertEquals(lane.outstanding, 0);
  lane.post(third, 0);
  assert(lane.takesAhead);
  lane.close();
});

Deno.test("Jobs that share a lane end in any order, each once, and leave it empty", () => {
  const thread = new StillThread();
  const ended: JobRequest[] = [];
  const onEnded = (_lane: PoolLane, request: JobRequest) => void ended.push(request);
  const lane = new PoolLane(thread, new FakeClock(), { onEnded, onRoom() {}, onMessage() {} });
  const far = new Slots(thread.shared);
  const job = { ...jobOf(0), share: 1 / 8 };
  const requests = [0, 1, 2].map((n) => new Numbered(n, new Submitter(), {}, job));
  for (const request of requests) lane.post(request, 0);
  for (const seq of [0, 1, 2]) assert(far.start(seq));
  for (const seq of [1, 2, 0]) {
    far.finish(seq, 1, "done");
    lane.takeEnds();
    lane.takeEnds();
  }
  assertEquals(ended.map((request) => requests.indexOf(request as Numbered)), [1, 2, 0]);
  assertEquals([lane.outstanding, lane.isShared], [0, false]);
  lane.close();
});

Deno.test("The end that a lane keeps back before a quick job is taken in the next round, if that takes long", () => {
  const clock = new FakeClock();
  const thread = new StillThread();
  const ended: JobRequest[] = [];
  const onEnded = (_lane: PoolLane, request: JobRequest) => void ended.push(request);
  const lane = new PoolLane(thread, clock, { onEnded, onRoom() {}, onMessage() {} });
  const far = new Slots(thread.shared);
  const [first, second] = [new Numbered(0, new Submitter()), new Numbered(1, new Submitter())];
  const cores = new Cores(1);
  cores.add(lane);
  const scopes = new Set<Scope>();
  const owner = { cores, scopes, isContended: false, stop() {}, kill() {}, onOutgrown() {} };
  const rounds = new Rounds({ clock, threads: new FakeThreads({ run: () => () => {} }) }, owner);

  lane.post(first, 0);
  lane.post(second, 0);
  assert(far.isQuick(1));
  rounds.armFor(second, 0);
  far.start(0);
  far.finish(0, 1, "done"); // and does not ring
  far.start(1);
  assertEquals(ended, []);
  clock.tick(2);
  assertEquals(ended, [first]);
  rounds.close();
  lane.close();
});
