import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { HistogramRecorder } from "../../src/pool/stats/histogram.ts";
import type { LoadResult, Plan } from "../../bench/load/plan.ts";
import { drawLatencies } from "../../bench/servers/draw_latencies.ts";
import { type LoadMaker, measure, type Running } from "../../bench/servers/measure.ts";
import type { Figures, Finding } from "../../bench/servers/results.ts";
import type { Server } from "../../bench/servers.ts";
import { CalmTurns, type Host } from "../../bench/stolen.ts";
import { markdownOf, tableOf } from "../../bench/servers/tables.ts";
import { WORKLOADS } from "../../bench/servers/workloads.ts";

const OPEN = WORKLOADS.find(({ id }) => id === "open")!;
const IDLE = WORKLOADS.find(({ id }) => id === "idle")!;
const CLOSED = WORKLOADS.find(({ id }) => id === "fib20")!;

/** A peer that is told from others by its port alone. */
function running(name: string, port: number): Running {
  const start = () => Promise.reject(new Error("it is running"));
  return { peer: { name, about: name, start }, server: { port } };
}

/** Makes no load: says what it was given to say, in turn for each port. */
function maker(says: Record<number, number[]>, asked: number[]): LoadMaker {
  return {
    run({ ports: [port] }: Plan): Promise<LoadResult> {
      asked.push(port!);
      const latency = new HistogramRecorder();
      const perSecond = says[port!]!.shift()!;
      latency.record(perSecond);
      return Promise.resolve({ groups: [{ perSecond, latency: latency.snapshot() }], busy: 0 });
    },
    hold: () => Promise.resolve(),
    release: () => Promise.resolve(),
  };
}

/** Turns beside a host that gives others these shares of the time, and is waited for so often. */
function turns(shares: number[], waits = 0): CalmTurns {
  return new CalmTurns({
    async stolenDuring(work) {
      await work();
      return shares.shift() ?? 0;
    },
    waitForCalm: () => Promise.resolve(waits-- > 0),
  });
}

function findingOf(peers: Record<string, Figures>): Finding {
  return { at: "2026-01-01T00:00:00Z", rounds: 3, seconds: 1, peers };
}

Deno.test("Each round begins with another peer, and the medians are of all rounds", async () => {
  const asked: number[] = [];
  const load = maker({ 1: [10, 30, 20], 2: [9, 7, 8], 3: [5, 5, 5] }, asked);
  const field = [running("a", 1), running("b", 2), running("c", 3)];
  const found = await measure(CLOSED, field, load, { rounds: 3, seconds: 1 }, () => {}, turns([]));
  assertEquals(asked, [1, 2, 3, 2, 3, 1, 3, 1, 2]);
  assertEquals([...found].map(([name, { rate }]) => [name, rate]), [["a", 20], ["b", 8], ["c", 5]]);
  assertEquals(found.get("a")!.latency!.count, 3);
});

Deno.test("A turn that the host disturbed is taken again, and the least disturbed counts", async () => {
  const load = maker({ 1: [1, 2, 3, 4, 5, 6, 7, 8] }, []);
  const once = { rounds: 1, seconds: 1 };
  const rateIn = async (...stolen: number[]) => {
    const found = await measure(CLOSED, [running("a", 1)], load, once, () => {}, turns(stolen));
    return found.get("a")!.rate;
  };
  assertEquals(await rateIn(0.5, 0.01), 2);
  assertEquals(await rateIn(0.2, 0.3, 0.1, 0.3, 0.2), 5); // none is calm: the third of five
  assertEquals(await rateIn(0), 8);
});

Deno.test("A host that gives its time to others is waited for, as long as one has said", async () => {
  const rateOf = async (its: CalmTurns) => {
    const load = maker({ 1: [1, 2, 3, 4, 5, 6, 7, 8, 9] }, []);
    const once = { rounds: 1, seconds: 1 };
    const found = await measure(CLOSED, [running("a", 1)], load, once, () => {}, its);
    return found.get("a")!.rate;
  };
  const shares = [0.5, 0.5, 0.5, 0.4, 0.5, 0.3, 0.5, 0.01, 0];
  assertEquals(await rateOf(turns([...shares], 0)), 4);
  assertEquals(await rateOf(turns([...shares], 1)), 6);
  assertEquals(await rateOf(turns([...shares], 99)), 8); // and no longer than it must be
});

Deno.test("Turns tell of the most disturbed of those that count", async () => {
  const calm = turns([0.04]);
  await calm.take(() => Promise.resolve());
  assertEquals(calm.remark, "");
  const busy = turns([0.5, 0.3, 0.9, 0.4, 0.6, 0.01]);
  assertEquals(await busy.take(() => Promise.resolve("it")), { value: "it", stolen: 0.3 });
  assertEquals(await busy.take(() => Promise.resolve("it")), { value: "it", stolen: 0.01 });
  assertEquals(busy.remark, "host took 30 %");
});

Deno.test("Memory is measured once, whatever the host does", async () => {
  const { pid } = Deno;
  const never = () => Promise.reject(new Error("nobody asks for the time"));
  const busy: Host = { stolenDuring: never, waitForCalm: never };
  const held: number[] = [];
  const start = () =>
    Promise.resolve({ port: 1, pid, [Symbol.asyncDispose]: () => Promise.resolve() } as Server);
  const field = [{ peer: { name: "a", about: "a", start }, server: { port: 1 } }];
  const load: LoadMaker = {
    ...maker({ 1: [1] }, []),
    hold: (_port, connections) => Promise.resolve(void held.push(connections)),
  };
  const found = await measure(
    IDLE,
    field,
    load,
    { rounds: 1, seconds: 1, restMs: 1 },
    () => {},
    new CalmTurns(busy),
  );
  assert(Number.isFinite(found.get("a")!.memory));
  assertEquals(held.length, 1);
});

Deno.test("A server is kept busy before it is measured at a steady rate, and only that counts", async () => {
  const asked: number[] = [];
  const load = maker({ 1: [7, 10], 2: [8, 20] }, asked);
  const field = [running("a", 1), running("b", 2)];
  const once = { rounds: 1, seconds: 1 };
  const found = await measure(OPEN, field, load, once, () => {}, turns([]));
  assertEquals(asked, [1, 1, 2, 2]);
  assertEquals([...found].map(([name, { rate }]) => [name, rate]), [["a", 10], ["b", 20]]);
});

Deno.test("Ratios are of the figure that counts, to the naive design and to ours", () => {
  const peers = { switchyard: { p99: 100, rate: 1 }, naive: { p99: 400, rate: 1 } };
  const table = tableOf(OPEN, findingOf(peers));
  assertStringIncludes(table, "0.25 x naive");
  assertStringIncludes(table, "4.00 x switchyard");
});

Deno.test("The page says of each workload what was measured, and nothing of what was not", () => {
  const churn = findingOf({ switchyard: { rate: 3 }, naive: { rate: 2 }, Go: { rate: 4 } });
  const open = findingOf({ switchyard: { p99: 100, rate: 1 }, naive: { p99: 400, rate: 1 } });
  const page = markdownOf({ churn, open });
  assertStringIncludes(page, "| 400 us | - | 100 us (0.25) |");
  assertStringIncludes(page, "| 2 | 4 | 3 (1.50) |");
  assert(!page.includes("idle"));
});

Deno.test("The picture has a curve for each peer whose latencies are known", () => {
  const recorder = new HistogramRecorder();
  for (let i = 1; i < 1000; i++) recorder.record(i / 100);
  const latency = recorder.snapshot();
  const picture = drawLatencies({
    open: findingOf({ switchyard: { latency }, naive: { latency }, Go: {} }),
  });
  assertEquals(picture.match(/<polyline/g)?.length, 2);
  assert(!/NaN|Infinity/.test(picture));
});
