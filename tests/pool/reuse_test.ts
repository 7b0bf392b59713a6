import { assert, assertEquals, assertNotStrictEquals } from "@std/assert";
import { type JobRequest, type Outcome, Submitter } from "../../src/pool/mod.ts";
import { essence } from "./fake_pool.ts";
import { HandPool, type HandRequest } from "./hand_pool.ts";

function kinds(...requests: readonly HandRequest[]): unknown[] {
  return requests.map(({ outcome }) => outcome?.kind);
}

function stopOf(outcome: Outcome | undefined) {
  assert(outcome !== undefined && "stop" in outcome);
  return outcome.stop;
}

function cancel({ pool }: HandPool, request: JobRequest): void {
  pool.cancel(request, "it was not needed");
}

Deno.test("Identical requests that wait share one run", () =>
  HandPool.run({}, async (hand) => {
    const busy = hand.submit("busy");
    const same = [hand.submit("a"), hand.submit("a"), hand.submit("a")];
    await hand.finish();
    await hand.finish("one result");

    assertEquals(kinds(busy, ...same), ["done", "done", "done", "done"]);
    assertEquals(hand.begun, ["busy", "a"]);
    assertEquals(same.map(({ outcome }) => outcome!.reuse), [undefined, "shared", "shared"]);
    const { outcomes, run, reuse, queued } = hand.pool.stats();
    assertEquals([outcomes.done, run.count, reuse.shared, queued], [4, 2, 2, 0]);
    assertEquals(reuse.sharing, 0);
  }));

Deno.test("A request joins the run for the same that has begun", () =>
  HandPool.run({}, async (hand) => {
    const first = hand.submit("a");
    await hand.clock.advance(10);
    const second = hand.submit("a");
    assertEquals(hand.pool.stats().reuse.sharing, 1);
    await hand.clock.advance(5);
    await hand.finish();

    const figures = [first, second].map(({ outcome }) => [outcome!.queueMs, outcome!.runMs]);
    assertEquals(figures, [[0, 15], [0, 5]]);
    assertEquals(hand.begun, ["a"]);
  }));

Deno.test("A request after the end of a run has a run of its own", () =>
  HandPool.run({}, async (hand) => {
    hand.submit("a");
    await hand.finish();
    hand.submit("a");
    await hand.finish();
    assertEquals(hand.begun, ["a", "a"]);
  }));

Deno.test("Nothing is shared unless it was asked for", () =>
  HandPool.run({ coalesce: false }, async (hand) => {
    hand.submit("a");
    hand.submit("a");
    await hand.finish();
    await hand.finish();
    assertEquals([hand.begun.length, hand.pool.stats().reuse.shared], [2, 0]);
  }));

Deno.test("Values are shared by what they hold, and each sharer has a result of its own", () =>
  HandPool.run({}, async (hand) => {
    const first = hand.submit({ value: { list: [1] } });
    const second = hand.submit({ value: { list: [1] } });
    const other = hand.submit({ value: { list: [2] } });
    await hand.finish({ answer: [1] });
    await hand.finish({ answer: [2] });

    const results = [first, second, other].map(({ outcome }) =>
      outcome?.kind === "done" && outcome.result
    );
    assertEquals(results, [{ answer: [1] }, { answer: [1] }, { answer: [2] }]);
    assertNotStrictEquals(results[0], results[1]);
  }));

Deno.test("A shared run runs on what was submitted, whatever becomes of the submitted value", () =>
  HandPool.run({}, async (hand) => {
    hand.submit("busy");
    const value = { list: [1] };
    hand.submit({ value });
    value.list.push(2);
    hand.submit({ value: { list: [1] } });
    await hand.finish();
    await hand.finish();
    assertEquals(hand.begun, ["busy", { value: { list: [1] } }]);
  }));

Deno.test("A value that cannot be sent is refused, shared or not", () =>
  HandPool.run({}, async (hand) => {
    const value = { do: () => "something" };
    const [one, two] = [hand.submit({ value }), hand.submit({ value })];
    await hand.clock.settle();
    assertEquals(kinds(one, two), ["invalid", "invalid"]);
  }));

Deno.test("Who cancels leaves a shared run at once, and takes nothing from the others", () =>
  HandPool.run({}, async (hand) => {
    const [one, two] = [hand.submit("a"), hand.submit("a")];
    await hand.clock.advance(3);
    cancel(hand, one);

    const stop = { how: "left", why: "it was not needed", ms: 0, verified: true };
    assertEquals(essence(one.outcome!), { kind: "cancelled", stop });
    await hand.finish();
    assertEquals([two.outcome!.kind, hand.pool.stats().laneEnds.killed], ["done", 0]);
  }));

Deno.test("The run is stopped when the last who shares it has left, who is told when it has", () =>
  HandPool.run({}, async (hand) => {
    const [one, two] = [hand.submit("a"), hand.submit("a", { graceMs: 40 })];
    await hand.clock.settle();
    cancel(hand, one);
    cancel(hand, two);
    await hand.clock.advance(39);
    assertEquals(kinds(two), [undefined]);
    await hand.clock.advance(1);

    assertEquals(two.outcome!.kind, "killed");
    const { how, ms, verified } = stopOf(two.outcome);
    assertEquals([how, ms, verified], ["killed", 40, true]);
    assertEquals(hand.pool.stats().stops.killed.count, 1);
  }));

Deno.test("A run that was told to stop is joined by no one", () =>
  HandPool.run({ cores: 2 }, async (hand) => {
    const gone = hand.submit("a");
    await hand.clock.settle();
    cancel(hand, gone);
    const next = hand.submit("a");
    await hand.clock.advance(100);
    assertEquals(kinds(gone, next), ["killed", undefined]);
    hand.runs.shift();
    await hand.finish();
    assertEquals([next.outcome!.kind, hand.begun.length], ["done", 2]);
  }));

Deno.test("A deadline ends the one whose it is; the run goes on to the latest of them", () =>
  HandPool.run({}, async (hand) => {
    const short = hand.submit("a", { deadlineMs: 20 });
    const long = hand.submit("a", { deadlineMs: 50, graceMs: 10 });
    await hand.clock.advance(19);
    assertEquals(kinds(short, long), [undefined, undefined]);
    await hand.clock.advance(1);
    assertEquals(kinds(short, long), ["deadline", undefined]);
    const { how, why } = stopOf(short.outcome);
    assertEquals([how, why], ["left", "it ran longer than its deadline of 20 ms"]);

    await hand.clock.advance(40);
    assertEquals(kinds(long), ["deadline"]);
    const stop = stopOf(long.outcome);
    assertEquals([stop.how, stop.why], ["killed", "it ran longer than its deadline of 50 ms"]);
  }));

Deno.test("The deadline of one that joins counts from then on", () =>
  HandPool.run({}, async (hand) => {
    const first = hand.submit("a", { deadlineMs: 30, graceMs: 0 });
    await hand.clock.advance(20);
    const second = hand.submit("a", { deadlineMs: 30, graceMs: 0 });
    const third = hand.submit("a", { deadlineMs: 5 });
    await hand.clock.advance(5);
    assertEquals(kinds(first, second, third), [undefined, undefined, "deadline"]);
    await hand.clock.advance(5);
    assertEquals(kinds(first, second), ["deadline", undefined]);
    await hand.clock.advance(20);
    assertEquals([kinds(second), stopOf(second.outcome).how], [["deadline"], "killed"]);
  }));

Deno.test("Deadlines count from the start of each run where several share a lane", () =>
  HandPool.run({ concurrency: 4 }, async (hand) => {
    const other = hand.submit("b", { deadlineMs: 1_000 });
    await hand.clock.advance(100);
    const [short, long] = [hand.submit("a", { deadlineMs: 20 }), hand.submit("a")];
    await hand.clock.advance(19);
    assertEquals(kinds(short, long, other), [undefined, undefined, undefined]);
    await hand.clock.advance(1);
    assertEquals(kinds(short, long, other), ["deadline", undefined, undefined]);
    assertEquals([short.outcome!.runMs, hand.begun.length], [20, 2]);
    await hand.finish();
    await hand.finish();
    assertEquals(kinds(long, other), ["done", "done"]);
  }));

Deno.test("Nobody waits longer for sharing: the first whose turn comes begins the run", () =>
  HandPool.run({}, async (hand) => {
    const [one, two] = [new Submitter(), new Submitter()];
    hand.submit("busy", { submitter: one });
    const last = hand.submit("a", { submitter: one });
    const first = hand.submit("a", { submitter: two });
    cancel(hand, last);
    assertEquals(stopOf(last.outcome).how, "never-started");
    await hand.finish();
    await hand.finish();
    assertEquals([first.outcome!.kind, first.outcome!.reuse], ["done", undefined]);
  }));

Deno.test("Those that share a run count against the limit of the queue", () =>
  HandPool.run({ maxQueue: 2 }, async (hand) => {
    const requests = ["a", "a", "a", "a"].map((input) => hand.submit(input));
    const other = hand.submit("b");
    await hand.finish();
    assertEquals(kinds(...requests, other), ["done", "done", "done", "refused", "refused"]);
  }));

Deno.test("A lane that dies answers all who shared its run", () =>
  HandPool.run({}, async (hand) => {
    const requests = [hand.submit("a"), hand.submit("a")];
    await hand.clock.settle();
    hand.threads.alive[0]!.crash("it was hit");
    await hand.clock.settle();
    assertEquals(kinds(...requests), ["crashed", "crashed"]);
    assertEquals(hand.pool.stats().outcomes.crashed, 2);
  }));

Deno.test("A pool that drains waits for all who share", () =>
  HandPool.run({}, async (hand) => {
    const requests = [hand.submit("a"), hand.submit("a")];
    let isDrained = false;
    void hand.pool.drain().then(() => isDrained = true);
    await hand.clock.settle();
    assertEquals(isDrained, false);
    await hand.finish();
    assertEquals([isDrained, ...kinds(...requests)], [true, "done", "done"]);
  }));

Deno.test("A result is given again until its time is over, without a run", () =>
  HandPool.run({ coalesce: false, cache: { ttlMs: 100 } }, async (hand) => {
    hand.submit("a");
    await hand.finish("kept");
    await hand.clock.advance(99);
    const cached = hand.submit("a");
    const figures = { queueMs: 0, runMs: 0, lane: 0, reuse: "cached" } as const;
    assertEquals(cached.outcome, { kind: "done", result: "kept", ...figures });

    await hand.clock.advance(1);
    const fresh = hand.submit("a");
    await hand.finish("new");
    assert(fresh.outcome?.kind === "done" && fresh.outcome.result === "new");
    const { cached: hits, misses, entries } = hand.pool.stats().reuse;
    assertEquals([hits, misses, entries], [1, 2, 1]);
  }));

Deno.test("What did not end as done is not kept", () =>
  HandPool.run({ cache: { ttlMs: 100 } }, async (hand) => {
    hand.submit("a");
    await hand.clock.settle();
    hand.runs.shift()!.end({ kind: "failed", error: { name: "Error", message: "no" } });
    await hand.clock.settle();
    const again = hand.submit("a");
    await hand.finish();
    assertEquals([again.outcome!.kind, hand.begun.length], ["done", 2]);
  }));

Deno.test("A full queue still answers from the cache, and a pool that drains does not", () =>
  HandPool.run({ cache: { ttlMs: 100 }, maxQueue: 1 }, async (hand) => {
    hand.submit("a");
    await hand.finish();
    hand.submit("busy");
    hand.submit("waits");
    assertEquals(kinds(hand.submit("b"), hand.submit("a")), ["refused", "done"]);
    void hand.pool.drain();
    assertEquals(kinds(hand.submit("a")), ["refused"]);
    await hand.finish();
    await hand.finish();
  }));
