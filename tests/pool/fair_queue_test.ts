import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { JobPriority } from "../../src/job/mod.ts";
import { Backlog, Kind } from "../../src/pool/queue/backlog.ts";
import { Submitter } from "../../src/pool/mod.ts";
import { jobOf, Numbered } from "./numbered.ts";

const PRIORITIES: readonly JobPriority[] = ["high", "normal", "low"];

/** A submitter whose runs of job 0 have all taken so long. */
function submitterOf(runMs: number): Submitter {
  const submitter = new Submitter();
  submitter.learn(0, runMs);
  return submitter;
}

/** Takes the next request of a kind, and has it run as long as it was expected to. */
function runNext(backlog: Backlog, kind: number): Numbered | undefined {
  const request = backlog.next(kind);
  if (request === undefined) return undefined;
  backlog.take(request);
  return request as Numbered;
}

Deno.test("Submitters get equal time, whatever their jobs take", () => {
  const runMs = fc.array(fc.integer({ min: 3, max: 3_000 }), { minLength: 2, maxLength: 6 });
  fc.assert(fc.property(runMs, (runMs) => {
    const backlog = new Backlog();
    const submitters = runMs.map(submitterOf);
    const spentMs = new Map(submitters.map((submitter) => [submitter, 0]));
    for (const submitter of submitters) backlog.push(new Numbered(0, submitter));
    for (let i = 0; i < 300; i++) {
      const { submitter } = runNext(backlog, Kind.LONG)!;
      spentMs.set(submitter, spentMs.get(submitter)! + submitter.expectedMs(0)!);
      backlog.push(new Numbered(0, submitter));
    }
    const spent = [...spentMs.values()];
    // No one is ahead of another by more than a run of its own.
    assert(Math.max(...spent) - Math.min(...spent) <= Math.max(...runMs) + 1);
  }));
});

Deno.test("The parts of a whole get together what another gets alone, and take turns at it", () => {
  const backlog = new Backlog();
  const whole = submitterOf(5);
  const parts = Array.from({ length: 10 }, () => whole.part());
  const alone = submitterOf(5);
  const runs = new Map([alone, ...parts].map((submitter) => [submitter, 0]));
  for (const submitter of runs.keys()) backlog.push(new Numbered(0, submitter));
  for (let i = 0; i < 400; i++) {
    const { submitter } = runNext(backlog, Kind.LONG)!;
    runs.set(submitter, runs.get(submitter)! + 1);
    backlog.push(new Numbered(0, submitter));
  }
  const ofParts = parts.map((part) => runs.get(part)!);
  assertEquals(Math.max(...ofParts) - Math.min(...ofParts) <= 1, true, `${ofParts}`);
  assertEquals(Math.abs(runs.get(alone)! - 200) <= 1, true, `${runs.get(alone)}`);
});

Deno.test("A short request of one part does not wait for a long one of another", () => {
  const backlog = new Backlog();
  const whole = submitterOf(0.01);
  const [long, short] = [whole.part(), whole.part()];
  for (let i = 0; i < 2; i++) long.learn(0, 500); // one would be put down to the machine
  short.learn(0, 0.01);
  backlog.push(new Numbered(1, long));
  backlog.push(new Numbered(2, short));
  assertEquals([Kind.SHORT, Kind.LONG].map((kind) => runNext(backlog, kind)?.number), [2, 1]);
});

Deno.test("A job that ends its lane counts as a long one until it has done well for long", () => {
  const backlog = new Backlog();
  const submitter = submitterOf(0.01);
  const run = new Numbered(0, submitter);
  backlog.learnHarm(run.job.index);
  let runs = 0;
  for (; backlog.judge(run) === Kind.LONG; runs++) backlog.settle(run, 0.01, 0.01);
  assertEquals([runs, backlog.judge(run)], [64, Kind.SHORT]);
});

Deno.test("The requests of all parts count against the limit of each", () => {
  const backlog = new Backlog();
  const whole = new Submitter();
  const [one, other] = [whole.part(), whole.part()];
  backlog.push(new Numbered(1, one));
  backlog.push(new Numbered(2, other));
  assertEquals([whole.queued, one.queued, other.queued], [2, 2, 2]);
  assertEquals([backlog.clear().length, whole.queued, one.queued], [2, 0, 0]);
});

Deno.test("One that sends one request does not wait for one that sends a thousand", () => {
  const backlog = new Backlog();
  const many = submitterOf(0.01);
  const one = submitterOf(0.01);
  for (let i = 0; i < 1_000; i++) backlog.push(new Numbered(i, many));
  runNext(backlog, Kind.SHORT);
  backlog.push(new Numbered(-1, one));
  let before = 0;
  while (runNext(backlog, Kind.SHORT)!.submitter !== one) before++;
  assert(before <= 20, `${before} were started before it`);
});

Deno.test("Who has had a turn has another, however many come new", () => {
  const takes = fc.record({
    own: fc.integer({ min: 3, max: 50 }),
    others: fc.integer({ min: 3, max: 50 }),
  });
  fc.assert(fc.property(takes, ({ own, others }) => {
    const backlog = new Backlog();
    const old = submitterOf(own);
    backlog.push(new Numbered(0, old));
    backlog.push(new Numbered(1, old));
    let served = 0;
    let othersMs = 0;
    while (served < 2) {
      backlog.push(new Numbered(-1, submitterOf(others))); // as clients that come, ask once and leave
      if (runNext(backlog, Kind.LONG)!.submitter === old) served++;
      else othersMs += others;
      assert(othersMs <= 3 * (own + others), `the others have had ${othersMs} ms`);
    }
  }));
});

Deno.test("The priorities share the time as 8 to 4 to 1 while all of them wait", () => {
  const runMs = fc.tuple(...PRIORITIES.map(() => fc.integer({ min: 3, max: 40 })));
  fc.assert(fc.property(runMs, (runMs) => {
    const backlog = new Backlog();
    const submitters = runMs.map(submitterOf);
    const spentMs = [0, 0, 0];
    const push = (rank: number) =>
      backlog.push(new Numbered(rank, submitters[rank], { priority: PRIORITIES[rank]! }));
    [0, 1, 2].forEach(push);
    for (let totalMs = 0; totalMs < 13_000;) {
      const { rank } = runNext(backlog, Kind.LONG)!;
      spentMs[rank]! += runMs[rank]!;
      totalMs += runMs[rank]!;
      push(rank);
    }
    [8_000, 4_000, 1_000].forEach((fairMs, rank) =>
      assert(Math.abs(spentMs[rank]! - fairMs) < 500, `${spentMs}`)
    );
  }));
});

Deno.test("A priority that was absent has no claim on the time before", () => {
  const backlog = new Backlog();
  const [low, high] = [submitterOf(10), submitterOf(10)];
  for (let i = 0; i < 100; i++) backlog.push(new Numbered(i, low, { priority: "low" }));
  for (let i = 0; i < 50; i++) runNext(backlog, Kind.LONG);
  for (let i = 0; i < 50; i++) backlog.push(new Numbered(i, high, { priority: "high" }));
  const ranks = Array.from({ length: 36 }, () => runNext(backlog, Kind.LONG)!.rank);
  const lows = ranks.filter((rank) => rank === 2).length;
  assert(lows >= 3 && lows <= 5, `${lows} of ${ranks.length} were low`);
});

Deno.test("A submitter pays for what its runs took, not for what was expected", () => {
  const backlog = new Backlog();
  const [liar, honest] = [submitterOf(3), submitterOf(3)];
  for (let i = 0; i < 9; i++) {
    backlog.push(new Numbered(i, liar));
    backlog.push(new Numbered(i, honest));
  }
  const first = runNext(backlog, Kind.LONG)!;
  assertEquals(first.submitter, liar);
  backlog.settle(first, 30, 30);
  const next = Array.from({ length: 8 }, () => runNext(backlog, Kind.LONG)!.submitter === honest);
  assertEquals(next, Array(8).fill(true));
});

/** What is done to a backlog: to which submitter, with which priority, at which place. */
const steps = fc.array(
  fc.record({
    what: fc.constantFrom("push", "push", "push", "take", "take", "remove", "moveBack", "learn"),
    who: fc.nat({ max: 2 }),
    rank: fc.nat({ max: 2 }),
    n: fc.nat(),
  }),
  { maxLength: 80 },
);

Deno.test("Whatever happens to a backlog, none is lost, and each flow keeps the order of arrival", () => {
  fc.assert(
    fc.property(steps, (steps) => {
      const backlog = new Backlog();
      const submitters = [new Submitter(), submitterOf(0.01), submitterOf(50)];
      const jobs = [jobOf(0), jobOf(1)];
      const waiting = new Set<Numbered>();
      const posted: Numbered[] = [];
      let arrivals = 0;
      for (const { what, who, rank, n } of steps) {
        if (what === "push") {
          const priority = PRIORITIES[rank]!;
          const request = new Numbered(n, submitters[who]!, { priority }, jobs[n % 2]!);
          request.arrival = ++arrivals;
          backlog.push(request);
          waiting.add(request);
        } else if (what === "take") {
          const request = runNext(backlog, n % 3);
          if (request === undefined) continue;
          const its = [...waiting].filter((one) =>
            one.submitter === request.submitter && one.rank === request.rank
          );
          assertEquals(request.arrival, Math.min(...its.map(({ arrival }) => arrival)));
          waiting.delete(request);
          posted.push(request);
        } else if (what === "remove") {
          const request = [...waiting][n % waiting.size];
          if (request === undefined) continue;
          backlog.remove(request);
          waiting.delete(request);
        } else if (what === "moveBack") {
          const [request] = posted.splice(n % (posted.length || 1), 1);
          if (request === undefined) continue;
          backlog.restore(request);
          waiting.add(request);
        } else submitters[who]!.learn(n % 2, n % 10);
        assertEquals(backlog.length, waiting.size);
      }
      for (const who of submitters) {
        assertEquals(who.queued, [...waiting].filter(({ submitter }) => submitter === who).length);
      }
      // Nothing is stuck: all of it is started in the end.
      let left = waiting.size;
      for (let kind = 0; left > 0 && kind < 300; kind++) {
        while (runNext(backlog, kind % 3) !== undefined) left--;
      }
      assertEquals([left, backlog.length], [0, 0]);
    }),
    { numRuns: 500 },
  );
});

Deno.test("What has waited longer than it may is taken out, wherever it stands", () => {
  const backlog = new Backlog();
  const submitter = new Submitter();
  const requests = [50, 10, Infinity, 20].map((expiresMs, i) => {
    const request = new Numbered(i, submitter);
    request.expiresMs = expiresMs;
    backlog.push(request);
    return request;
  });
  assertEquals(backlog.takeExpired(9), []);
  assertEquals(backlog.takeExpired(20), [requests[1]!, requests[3]!]);
  assertEquals(backlog.takeExpired(49), []);
  assertEquals(backlog.takeExpired(50), [requests[0]!]);
  assertEquals(backlog.length, 1);
});
