import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { jobRef, type Progress, transfer } from "../../src/job/mod.ts";
import { JobError, JobRequest, type Outcome, resultOf, Submitter } from "../../src/pool/mod.ts";
import { BACKENDS, withTalkingPool } from "./talking_pool.ts";

const count = jobRef<typeof import("../fixtures/jobs/talking/count.ts")>("count");
const squares = jobRef<typeof import("../fixtures/jobs/talking/squares.ts")>("squares");
const tells = jobRef<typeof import("../fixtures/jobs/talking/tells.ts")>("tells");
const sum = jobRef<typeof import("../fixtures/jobs/talking/sum.ts")>("sum");
const bytes = jobRef<typeof import("../fixtures/jobs/talking/reverse_bytes.ts")>("reverse-bytes");
const calls = jobRef<typeof import("../fixtures/jobs/talking/calls.ts")>("calls");
const env = jobRef<typeof import("../fixtures/jobs/talking/env.ts")>("env");

/** A request with a text, as a line brings it. */
class Line extends JobRequest {
  readonly outcome = Promise.withResolvers<Outcome>();

  override settled(outcome: Outcome): void {
    this.outcome.resolve(outcome);
  }
}

/** Numbers from 1 on, and how far the job has pulled them. */
class Numbers implements AsyncIterable<number> {
  pulled = 0;
  isClosed = false;

  async *[Symbol.asyncIterator]() {
    try {
      for (;;) {
        await Promise.resolve();
        yield ++this.pulled;
      }
    } finally {
      this.isClosed = true;
    }
  }
}

for (const backend of BACKENDS) {
  Deno.test(`Jobs talk: in a ${backend} lane`, async (t) => {
    await withTalkingPool(backend, async (pool, offer, log) => {
      await t.step("items come in their order, and then the outcome, once", async () => {
        const stream = pool.stream(count, 100);
        const items: number[] = await Array.fromAsync(stream);
        assertEquals(items, Array.from({ length: 100 }, (_, i) => i + 1));
        const result: string = resultOf(await stream.outcome);
        assertEquals(result, "counted to 100");
      });

      await t.step(
        "a reader that leaves cancels the job, which has not run ahead of it",
        async () => {
          const stream = pool.stream(count, 1_000_000);
          for await (const n of stream) if (n === 3) break;
          const outcome = await stream.outcome;
          assert(outcome.kind === "cancelled", outcome.kind);
          assertEquals([outcome.stop.how, outcome.stop.why], ["asked", "its reader left"]);
          const { fields } = await log.line("ended");
          assert(Number(fields["made"]) <= 3 + 16 + 1, `it made ${fields["made"]}`);
        },
      );

      await t.step("items are read by one loop", async () => {
        const stream = pool.stream(count, 3);
        await Array.fromAsync(stream);
        await assertRejects(() => Array.fromAsync(stream), TypeError, "read already");
      });

      await t.step("a job that fails does so after its items", async () => {
        const stream = pool.stream(squares, 20);
        const seen: number[] = [];
        const read = async () => {
          for await (const { square } of stream) seen.push(square);
        };
        const error = await assertRejects(read, JobError, "it failed: there are only ten");
        assertInstanceOf(error.cause, Error);
        assertEquals(error.cause.name, "RangeError");
        assertEquals(seen, [1, 4, 9, 16, 25, 36, 49, 64, 81, 100]);
      });

      await t.step("a stream that is disposed of has stopped its job", async () => {
        const stream = pool.stream(count, 1_000_000);
        {
          await using _closed = stream;
        }
        assertEquals((await stream.outcome).kind, "cancelled");
      });

      await t.step("items are the result, as a list, where nobody takes them", async () => {
        const list: { root: number; square: number }[] = resultOf(await pool.submit(squares, 2));
        assertEquals(list, [{ root: 1, square: 1 }, { root: 2, square: 4 }]);
      });

      await t.step("items of a text are its reply, with a blank between", async () => {
        const line = new Line(pool.jobs.get("squares")!, "4", new Submitter());
        pool.enqueue(line);
        assertEquals(resultOf(await line.outcome.promise), "1 4 9 16");
        const long = new Line(pool.jobs.get("count")!, "1000000", new Submitter());
        pool.enqueue(long);
        const outcome = await long.outcome.promise;
        assert(outcome.kind === "failed");
        assert(outcome.error.message.startsWith("Cannot reply with so many items: their text"));
      });

      await t.step("an item that its submitter fails to take cancels the job", async () => {
        const onItem = () => Promise.reject(new Error("no room"));
        const outcome = await pool.submit(count, 1_000_000, { onItem });
        assert(outcome.kind === "cancelled", outcome.kind);
        assertEquals(outcome.stop.why, "its submitter failed to take what it says");
      });

      await t.step("a job that is told to stop while it waits for its reader stops", async () => {
        const stop = new AbortController();
        const never = Promise.withResolvers<void>();
        const onItem = (n: number) => {
          if (n === 16) stop.abort();
          return never.promise;
        };
        const outcome = await pool.submit(count, 100, { onItem, signal: stop.signal });
        assert(outcome.kind === "cancelled", outcome.kind);
        assertEquals(outcome.stop.how, "asked");
        never.resolve();
      });

      await t.step("progress is sent now and then, and the last always", async () => {
        const seen: Progress[] = [];
        const onProgress = (progress: Progress) => void seen.push(progress);
        await pool.submit(tells, { progress: 100_000, logs: 0 }, { onProgress });
        assertEquals(seen[0], { done: 1, total: 100_000, note: "step 1" });
        assertEquals(seen.at(-1), { done: 100_000, total: 100_000, note: "step 100000" });
        assert(seen.length < 20, `${seen.length} were sent`);
      });

      await t.step("what a job logs goes to the log, up to a limit", async () => {
        await pool.submit(tells, { progress: 0, logs: 1_000 });
        const { level, fields } = await log.line("line 1");
        const { lane, request, ...rest } = fields;
        assertEquals([level, rest], ["warn", {
          i: 1,
          big: "10n",
          fn: "[Function: fn]",
          job: "tells",
        }]);
        assert(Number(lane) > 0 && Number(request) > 0);
        const lines = log.messages("warn").filter((line) => /^line |^it logged/.test(line));
        assertEquals(lines.at(-1), "it logged more than 100 lines; the rest is dropped");
        assertEquals(lines.length, 101);
      });

      await t.step("a stream goes into a job, as fast as that uses it", async () => {
        async function* three() {
          yield 1;
          await Promise.resolve();
          yield* [2, 3];
        }
        assertEquals(resultOf(await pool.submit(sum, three())), 6);
        assertEquals(resultOf(await pool.submit(sum, [1, 2, 3])), 6);
        const readable = ReadableStream.from([4, 5]);
        assertEquals(resultOf(await pool.submit(sum, readable)), 9);
      });

      await t.step(
        "a job that leaves its stream has not pulled it ahead, and it is closed",
        async () => {
          const numbers = new Numbers();
          async function* upTo3() {
            for await (const n of numbers) yield n <= 3 ? n : -1;
          }
          assertEquals(resultOf(await pool.submit(sum, upTo3())), 6);
          assert(numbers.pulled <= 4 + 4 + 1, `it pulled ${numbers.pulled}`);
        },
      );

      await t.step("a stream whose request never starts is closed unread", async () => {
        const source = Promise.withResolvers<string>();
        const stream = new ReadableStream<number>({ cancel: () => source.resolve("closed") });
        await pool.submit(sum, stream, { signal: AbortSignal.abort() });
        assertEquals(await source.promise, "closed");
      });

      await t.step("a stream that fails fails the job, a wrong chunk is invalid", async () => {
        // deno-lint-ignore require-yield -- it fails before it could
        async function* broken(): AsyncGenerator<number> {
          await Promise.resolve();
          throw new RangeError("the source broke");
        }
        const failed = await pool.submit(sum, broken());
        assert(failed.kind === "failed", failed.kind);
        assertEquals([failed.error.name, failed.error.message], ["RangeError", "the source broke"]);
        const invalid = await pool.submit("sum", ReadableStream.from(["one"]));
        assert(invalid.kind === "invalid", invalid.kind);
        assertEquals(invalid.error.message, "Expected a number");
        const none = await pool.submit("sum", 7);
        assert(none.kind === "invalid", none.kind);
        assertEquals(none.error.message, "Expected a stream, got number");
      });

      await t.step("a job calls what it is granted, so many at once", async () => {
        assertEquals(resultOf(await pool.submit(calls, { service: "double", times: 100 })), 9_900);
        assert(offer.most > 1 && offer.most <= 16, `${offer.most} were under way`);
      });

      await t.step("a call that fails fails as the service did", async () => {
        const outcome = await pool.submit(calls, { service: "fail", times: 1 });
        assert(outcome.kind === "failed", outcome.kind);
        const { name, message } = outcome.error;
        assertEquals([name, message], ["RangeError", "it failed of old age"]);
      });

      await t.step("a call is cancelled with its job, which holds no core meanwhile", async () => {
        const stop = new AbortController();
        const { signal } = stop;
        const waiting = pool.submit(calls, { service: "wait", times: 1 }, { signal });
        const service = await offer.waiting.promise;
        assertEquals(service.aborted, false);
        assertEquals(resultOf(await pool.submit(sum, [1])), 1);
        stop.abort();
        const outcome = await waiting;
        assert(outcome.kind === "cancelled", outcome.kind);
        assertEquals([outcome.stop.how, service.aborted], ["asked", true]);
        offer.release();
      });

      if (backend !== "fake") {
        await t.step("a job's env is what it was granted", async () => {
          Deno.env.set("TALKING_TEST", "1");
          assertEquals(resultOf(await pool.submit(env, "clock")), "true");
          assertEquals(resultOf(await pool.submit(env, "fs")), "import");
          const outside = await pool.submit(env, "outside");
          assert(outside.kind === "failed");
          assertEquals(outside.error.name, "DirError");
          assertEquals(resultOf(await pool.submit(env, "vars")), "TALKING_TEST");
          const both = await pool.submit("fetches", null);
          assertEquals(resultOf(both), ["function", "hello\n"]);
          const net = await pool.submit(env, "net");
          assert(net.kind === "failed");
          assertEquals(
            net.error.message,
            'Cannot use env.net: the job does not ask for it. Add "net" to its permissions, and have the operator grant it',
          );
        });
      }

      await t.step("transferred buffers are handed over, both ways", async () => {
        const given = new Uint8Array([1, 2, 3]);
        const result = await pool.submit(bytes, transfer(given, [given.buffer]));
        assertEquals(resultOf(result), new Uint8Array([3, 2, 1]));
        assertEquals(given.byteLength, backend === "process" ? 3 : 0);
      });

      if (backend !== "process") {
        await t.step("buffers that were handed over before make an input invalid", async () => {
          const given = new Uint8Array([1, 2, 3]);
          given.buffer.transfer();
          const outcome = await pool.submit(bytes, transfer(given, [given.buffer]));
          assertEquals(outcome.kind, "invalid");
        });
      }
    });
  });
}

Deno.test("resultOf() throws for each outcome that is not done, and says why", () => {
  const figures = { queueMs: 0, runMs: 0, lane: 0 };
  const refused: Outcome = {
    kind: "refused",
    code: "BUSY",
    reason: "The queue is full",
    ...figures,
  };
  const error = assertThrows(() => resultOf(refused), JobError);
  assertEquals(error.message, "The job was not done: The queue is full [BUSY]");
  assertEquals(error.outcome, refused);
});
