import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Submitter } from "../../src/pool/mod.ts";
import { Bench } from "./bench.ts";

/** Some whose jobs are known to take so long. */
async function longSubmitters(bench: Bench, count: number, runMs = 50): Promise<Submitter[]> {
  const submitters = Array.from({ length: count }, () => new Submitter());
  for (const submitter of submitters) await bench.teach(submitter, runMs);
  return submitters;
}

/** Several jobs of one submitter: some run, and the others wait. */
function submitMany(bench: Bench, submitter: Submitter, name: string, count: number): void {
  for (let i = 0; i < count; i++) bench.submit(submitter, `${name} ${i}`);
}

Deno.test("Who has no long job running waits a second at most for those of others, and not for their ends", () =>
  Bench.run(2, async (bench) => {
    const [many, one, other, third] = await longSubmitters(bench, 4, 5_000);
    submitMany(bench, many!.part(), "many", 4);
    await bench.pass(50);
    // Behind the next of who has all the cores.
    submitMany(bench, one!, "one", 2);
    submitMany(bench, other!.part(), "other", 2);
    bench.submit(third!, "third");
    await bench.pass(950);
    assertEquals(await bench.running(), ["many 0", "many 1"]);

    await bench.pass(200);

    assertEquals((await bench.running()).toSorted(), ["many 0", "many 1", "one 0", "other 0"]);
    await bench.pass(5_000);
    assertEquals(bench.begun.length, 4); // no more for who has one, nor than two for a core
  }));

Deno.test("Soon each has its first long job running, or every core has two", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 5 }),
      fc.constantFrom(50, 40_000), // they end soon, or are late in any case
      (counts, runMs) =>
        Bench.run(2, async (bench) => {
          const submitters = await longSubmitters(bench, counts.length, runMs);
          counts.forEach((count, i) => submitMany(bench, submitters[i]!, `${i}`, count));
          await bench.pass(1_200);
          const begun = (await bench.running()).map(String);
          const firsts = begun.filter((input) => input.endsWith(" 0"));
          const mayWait = begun.length === 2 * 2;
          assert(firsts.length === counts.length || mayWait, `${counts}: ${begun}`);
          assert(begun.length <= 2 * 2, `${counts}: ${begun}`);
        }),
    ),
    { numRuns: 8 },
  ));

Deno.test("Who waits for a core does so for twice as long as its own job takes, at most", () =>
  Bench.run(2, async (bench) => {
    const [many] = await longSubmitters(bench, 1, 5_000);
    const [longer] = await longSubmitters(bench, 1, 300);
    const [shorter] = await longSubmitters(bench, 1, 4);
    submitMany(bench, many!, "many", 2);
    await bench.pass(50);
    bench.submit(longer!, "longer");
    bench.submit(shorter!, "shorter");
    await bench.pass(15);
    assertEquals(await bench.running(), ["many 0", "many 1"]); // 20 ms at least
    await bench.pass(35);
    assertEquals(await bench.running(), ["many 0", "many 1", "shorter"]);
    bench.finish("shorter", 4);
    await bench.pass(500);
    assertEquals(await bench.running(), ["many 0", "many 1"]);
    await bench.pass(100);
    assertEquals(await bench.running(), ["many 0", "many 1", "longer"]);
  }));

Deno.test("A core is lent to none whose job takes as long as the one that has it, however many wait", () =>
  fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 3, max: 900 }),
      fc.integer({ min: 1, max: 2 }),
      (runMs, cores) =>
        Bench.run(cores, async (bench) => {
          const submitters = await longSubmitters(bench, 5, runMs);
          submitters.forEach((submitter, i) => submitMany(bench, submitter, `${i}`, 2));
          for (let left = 10; left > 0;) {
            const running = (await bench.running()).map(String);
            assert(running.length <= cores, `${running}`);
            await bench.pass(runMs);
            assertEquals(await bench.running(), running);
            for (const input of running) bench.finish(input, runMs);
            left -= running.length;
          }
        }),
    ),
    { numRuns: 8 },
  ));

Deno.test("A new client does not wait while long work waits that has no claim to a core", () =>
  Bench.run(1, async (bench) => {
    await bench.teach(bench.heavy, 50);
    submitMany(bench, bench.heavy, "heavy", 2);
    await bench.pass(5_000);
    bench.submit(new Submitter(), "new");
    assertEquals(await bench.running(), ["heavy 0", "new"]);
  }));

Deno.test("While cores come free within a second, long jobs have one each, however long others wait", () =>
  Bench.run(1, async (bench) => {
    const submitters = await longSubmitters(bench, 4, 900);
    submitters.forEach((submitter, i) => bench.submit(submitter, `${i}`));
    for (let i = 0; i < 4; i++) {
      await bench.pass(900);
      assertEquals(await bench.running(), [`${i}`]);
      bench.finish(`${i}`, 900);
    }
  }));

Deno.test("A job that needs most of its time keeps its core, unless its submitter has several", () =>
  Bench.run(2, async (bench) => {
    const [one, other, third] = await longSubmitters(bench, 3, 20_000);
    const [less] = await longSubmitters(bench, 1);
    bench.submit(one!, "one");
    bench.submit(other!, "other");
    bench.submit(less!, "less");
    await bench.pass(5_000);
    assertEquals(await bench.running(), ["one", "other"]);

    for (const name of ["one", "other"]) bench.finish(name, 20_000);
    bench.submit(one!, "one");
    bench.submit(one!, "one more");
    await bench.running();
    bench.finish("less", 50);
    bench.submit(third!, "as long"); // it would be late as well
    bench.submit(less!, "less");
    await bench.pass(1_200);
    assertEquals(await bench.running(), ["one", "one more", "less"]);
  }));

Deno.test("The next lane is for who waits for one with a claim to a core, and not for what is new", () =>
  Bench.run(2, async (bench) => {
    const [many, a, b] = await longSubmitters(bench, 3);
    submitMany(bench, many!, "many", 2);
    bench.submit(a!, "a");
    bench.submit(b!, "b");
    bench.isSlow = true;
    await bench.pass(1_200);
    assertEquals(await bench.running(), ["many 0", "many 1", "a"]); // one lane is kept for short jobs
    bench.submit(new Submitter(), "new");

    bench.finish("a", 50);
    await bench.pass(150);

    assertEquals(await bench.running(), ["many 0", "many 1", "b"]);
  }));
