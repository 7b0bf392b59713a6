import { assertEquals } from "@std/assert";
import { Submitter } from "../../src/pool/mod.ts";
import { Bench } from "./bench.ts";

Deno.test("A pool starts requests in the order of their arrival", () =>
  Bench.run(1, async (bench) => {
    for (const input of ["1", "2", "3"]) bench.submit(bench.light, input);

    assertEquals(await bench.running(), ["1"]);
    bench.finish("1");
    assertEquals(await bench.running(), ["2"]);
    bench.finish("2");
    assertEquals(await bench.running(), ["3"]);
    bench.finish("3");
  }));

Deno.test("A short request does not wait for one that turned out long", () =>
  Bench.run(1, async (bench) => {
    bench.submit(bench.heavy, "long");
    bench.submit(bench.light, "short");
    assertEquals(await bench.running(), ["long"]);

    await bench.clock.advance(5);

    assertEquals(await bench.running(), ["long", "short"]);
    bench.finish("short");
    bench.finish("long");
  }));

Deno.test("Requests that are expected to run long have one lane for each core", () =>
  Bench.run(1, async (bench) => {
    await bench.teach(bench.heavy, 50);
    bench.submit(bench.heavy, "long 1");
    bench.submit(bench.heavy, "long 2");
    bench.submit(bench.light, "short");
    assertEquals(await bench.running(), ["long 1", "short"]);

    bench.finish("long 1", 50);

    assertEquals(await bench.running(), ["short", "long 2"]);
    bench.finish("short");
    bench.finish("long 2");
  }));

Deno.test("A flood of short requests does not keep a long one from starting", () =>
  Bench.run(1, async (bench) => {
    await bench.teach(bench.heavy, 50);
    for (const input of ["1", "2", "3"]) bench.submit(bench.light, input);

    bench.submit(bench.heavy, "long");

    assertEquals(await bench.running(), ["1", "long"]);
    bench.finish("1");
    assertEquals(await bench.running(), ["long", "2"]);
    bench.finish("long");
    bench.finish("2");
    assertEquals(await bench.running(), ["3"]);
    bench.finish("3");
  }));

Deno.test("Who was kept from a core in the first run does not wait with those whose runs are long", () =>
  Bench.run(1, async (bench) => {
    await bench.teach(bench.heavy, 50);
    await bench.teach(bench.light, 50, 0.01);
    bench.submit(bench.heavy, "long");
    bench.submit(bench.light, "short");

    assertEquals(await bench.running(), ["long", "short"]);
    bench.finish("short");
    bench.finish("long");
  }));

Deno.test("A long history is forgotten after some short runs", () =>
  Bench.run(1, async (bench) => {
    await bench.teach(bench.heavy, 3);
    for (let i = 0; i < 3; i++) await bench.teach(bench.heavy, 0.5);
    bench.submit(bench.heavy, "was long");
    bench.submit(bench.light, "short");

    assertEquals(await bench.running(), ["was long"]);
    bench.finish("was long");
    assertEquals(await bench.running(), ["short"]);
    bench.finish("short");
  }));

Deno.test("Work that is known to be long is not kept waiting by new work that turns out long", () =>
  Bench.run(1, async (bench) => {
    await bench.teach(bench.heavy, 50);
    bench.submit(new Submitter(), "new 0");
    await bench.clock.advance(50);
    bench.submit(bench.heavy, "known");
    // The next begins before the last has ended, so that the core always has a long job.
    for (let i = 1; i <= 100; i++) {
      bench.submit(new Submitter(), `new ${i}`);
      await bench.clock.advance(50);
      const running = await bench.running();
      if (running.includes("known")) return;
      if (running.includes(`new ${i - 1}`)) bench.finish(`new ${i - 1}`, 75);
    }
    throw new Error("it has waited for 5 s");
  }));

Deno.test("A new client does not wait behind new ones that send what is seen to run long", () =>
  Bench.run(1, async (bench) => {
    for (let i = 0; i < 10; i++) bench.submit(new Submitter(), "long");
    await bench.clock.advance(20);

    bench.submit(bench.light, "short");

    assertEquals(await bench.running(), ["long", "short"]);
    for (const input of ["long", "short"]) bench.finish(input, 20);
  }));

Deno.test("What a new client sends is short if it was so for another", () =>
  Bench.run(1, async (bench) => {
    await bench.teach(bench.heavy, 50);
    bench.submit(new Submitter(), "known");
    await bench.running();
    bench.finish("known", 0.1);
    bench.submit(bench.heavy, "long");
    bench.submit(new Submitter(), "new");
    await bench.clock.advance(5);

    bench.submit(new Submitter(), "other");
    bench.submit(new Submitter(), "known");

    assertEquals((await bench.running()).toSorted(), ["known", "long", "new"]);
    for (const input of ["long", "new", "known"]) bench.finish(input, 5);
  }));

Deno.test("Jobs that wait for who takes no item hold many lanes, but never the last", () =>
  Bench.run(1, async (bench) => {
    await bench.teach(bench.light, 0.01);
    const streams = Array.from({ length: 20 }, (_, i) => `stream ${i}`);
    for (const stream of streams) bench.submit(new Submitter(), stream);
    const held = await bench.fillWithWaiting();
    assertEquals(held, 4 + 2 - 1); // lanes at most for a core, and spares, less the last

    bench.submit(bench.light, "short");

    assertEquals((await bench.running())[held], "short");
    bench.finish("short");
    for (const stream of streams.slice(0, held)) bench.finish(stream);
  }));

Deno.test("Jobs of one submitter that wait for it leave others a lane for each core, beside the last", () =>
  Bench.run(1, async (bench) => {
    await bench.teach(bench.light, 0.01);
    await bench.teach(bench.heavy, 50);
    const reader = new Submitter();
    const streams = Array.from({ length: 20 }, (_, i) => `stream ${i}`);
    for (const stream of streams) bench.submit(reader.part(), stream);
    const held = await bench.fillWithWaiting();
    assertEquals(held, 4 + 2 - 1 - 1); // lanes at most for a core, and spares, less a core and the last

    bench.submit(bench.heavy, "long");

    assertEquals((await bench.running())[held], "long");
    bench.finish("long");
    for (const stream of streams.slice(0, held)) bench.finish(stream);
  }));

Deno.test("A job whose reader took a few of its items, and no more, needs no core either", () =>
  Bench.run(1, async (bench) => {
    await bench.teach(bench.heavy, 50);
    bench.submit(new Submitter(), "stream").takes = 3;
    await bench.running();
    bench.begun[0]!.wait();
    await bench.clock.advance(50);

    bench.submit(bench.heavy, "long");

    assertEquals(await bench.running(), ["stream", "long"]);
    bench.finish("long");
    bench.finish("stream");
  }));

Deno.test("Jobs that have to be killed take lane after lane, but leave one for what is known to be short", () =>
  Bench.run(1, async (bench) => {
    await bench.teach(bench.light, 0.01);
    await bench.teach(bench.heavy, 50);
    bench.isSlow = true;
    for (let i = 0; i < 8; i++) {
      const doomed = bench.submit(i % 2 === 0 ? bench.heavy : new Submitter(), `doomed ${i}`);
      await bench.clock.advance(5);
      bench.pool.cancel(doomed, "its client left");
      await bench.clock.advance(150);
    }
    assertEquals(bench.pool.stats().kills, 2); // of three lanes, while no other starts

    const short = bench.submit(bench.light, "short");

    assertEquals((await bench.running()).at(-1), "short");
    bench.finish("short");
    assertEquals((await short.outcome).kind, "done");
  }));

Deno.test("What is known to be short waits for nothing that is not: neither behind it, nor for its core", () =>
  Bench.run(1, async (bench) => {
    await bench.teach(bench.heavy, 50);
    await bench.teach(bench.light, 0.01);
    bench.submit(new Submitter(), "unknown");
    bench.submit(bench.heavy, "long");
    await bench.clock.settle();

    bench.submit(bench.light, "short");

    assertEquals((await bench.running()).at(-1), "short");
    for (const input of ["unknown", "long", "short"]) bench.finish(input);
  }));

Deno.test("Who has lanes killed pays for those that are started in their place", () =>
  Bench.run(1, async (bench) => {
    for (const submitter of [bench.heavy, bench.light]) await bench.teach(submitter, 50);
    for (let i = 0; i < 10; i++) {
      bench.submit(bench.heavy, "doomed", { deadlineMs: 50, graceMs: 0 });
      bench.submit(bench.light, "good");
    }
    let [good, doomed] = [0, 0];
    while (good < 8) {
      await bench.clock.advance(50);
      if ((await bench.running())[0] === "good") {
        bench.finish("good", 50);
        good++;
      } else {
        bench.begun.shift();
        doomed++;
      }
    }
    assertEquals(doomed, 3); // the first, which nobody waited for; then one for five good ones
  }));
