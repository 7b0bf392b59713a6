import { assert, assertEquals, assertInstanceOf, assertMatch, assertRejects } from "@std/assert";
import fc from "fast-check";
import { CallError, type Client } from "../../src/client/mod.ts";
import { NetError } from "../../src/env/mod.ts";
import { Cancelled } from "../../src/switch/mod.ts";
import { type Heard, ScriptedServer, type ServerEnd } from "./scripted_server.ts";

async function errorOf(call: Promise<unknown>): Promise<CallError> {
  const error = await assertRejects(() => call);
  assertInstanceOf(error, CallError);
  return error;
}

async function heard(end: ServerEnd, count: number): Promise<Heard[]> {
  const requests: Heard[] = [];
  while (requests.length < count) requests.push((await end.hear())!);
  return requests;
}

function sayItem(end: ServerEnd, token: unknown, item: unknown): void {
  end.say(JSON.stringify({ jsonrpc: "2.0", method: "$/item", params: { token, item } }));
}

/** Ends the client, and the server's half after its own. */
async function part(client: Client, end: ServerEnd): Promise<void> {
  const closing = client.close();
  assertEquals(await end.hear(), undefined);
  await end.end();
  await closing;
}

Deno.test("Client.call() sends the input as the one parameter, and resolves to the result", () =>
  ScriptedServer.run(async (server) => {
    const { client, end } = await server.meet();
    const calling = client.call("fib", 30, { deadlineMs: 500, priority: "high" });
    const [request] = await heard(end, 1) as [Heard];
    assertEquals([request.method, request.params], ["fib", [30, {
      _meta: { bigints: "number", deadlineMs: 500, priority: "high" },
    }]]);
    end.result(request, 832040);
    assertEquals(await calling, 832040);
    await part(client, end);
  }));

Deno.test("Calls go out together, and each gets its own reply, in any order", () =>
  ScriptedServer.run(async (server) => {
    const { client, end } = await server.meet();
    const calls = [1, 2, 3].map((n) => client.call("double", n));
    const requests = await heard(end, 3);
    for (const request of requests.toReversed()) end.result(request, request.params[0] * 2);
    assertEquals(await Promise.all(calls), [2, 4, 6]);
    await part(client, end);
  }));

Deno.test("An error of the server has its word, its sentence and its figures", () =>
  ScriptedServer.run(async (server) => {
    const { client, end } = await server.meet();
    const calling = errorOf(client.call("fib", 90));
    end.error((await end.hear())!, "DEADLINE", "It ran too long");
    const { code, message, figures } = await calling;
    assertEquals([code, message, figures], ["DEADLINE", "It ran too long", { runMs: 3 }]);
    await part(client, end);
  }));

Deno.test("An integer keeps its digits both ways", () =>
  ScriptedServer.run(async (server) => {
    const { client, end } = await server.meet();
    const big = 2n ** 80n;
    const calling = client.call("same", big);
    const { id } = (await end.hear())!;
    end.say(`{"jsonrpc":"2.0","result":${big},"id":${id}}`);
    assertEquals(await calling, big);
    await part(client, end);
  }));

Deno.test("Client.call() rejects with a TypeError where the input cannot be written", () =>
  ScriptedServer.run(async (server) => {
    const { client, end } = await server.meet();
    await assertRejects(async () => await client.call("same", () => {}), TypeError);
    await part(client, end);
  }));

Deno.test("A call beyond maxInFlight waits for a reply", () =>
  ScriptedServer.run(async (server) => {
    const { client, end } = await server.meet({ maxInFlight: 1 });
    const calls = [client.call("a", 1), client.call("b", 2)];
    const first = (await end.hear())!;
    end.result(first, "one");
    assertEquals(await calls[0], "one");
    end.result((await end.hear())!, "two");
    assertEquals(await calls[1], "two");
    await part(client, end);
  }));

Deno.test("A call that is cancelled while it waits is never sent", () =>
  ScriptedServer.run(async (server) => {
    const { client, end } = await server.meet({ maxInFlight: 1 });
    const cancel = new AbortController();
    const first = client.call("a", 1);
    const second = errorOf(client.call("b", 2, { signal: cancel.signal }));
    const third = client.call("c", 3);
    cancel.abort();
    const { code, cause } = await second;
    assertEquals([code, cause], ["CANCELLED", cancel.signal.reason]);
    for (const call of [first, third]) {
      const request = (await end.hear())!;
      end.result(request, request.method);
      assertEquals(await call, request.method);
    }
    const { code: late } = await errorOf(client.call("d", 4, { signal: cancel.signal }));
    assertEquals(late, "CANCELLED");
    await part(client, end);
  }));

Deno.test("A call that is cancelled after it was sent ends when the server says how", () =>
  ScriptedServer.run(async (server) => {
    const { client, end } = await server.meet();
    const cancel = new AbortController();
    const calling = errorOf(client.call("spin", "", { signal: cancel.signal }));
    const request = (await end.hear())!;
    const reason = new Error("no longer wanted");
    cancel.abort(reason);
    const wish = (await end.hear())!;
    assertEquals([wish.method, wish.params], ["$/cancelRequest", { id: request.id }]);
    end.error(request, "KILLED", "It was killed after 104 ms");
    const { code, message, cause } = await calling;
    assertEquals([code, message, cause], ["KILLED", "It was killed after 104 ms", reason]);
    await part(client, end);
  }));

Deno.test("Progress reaches its own call alone", () =>
  ScriptedServer.run(async (server) => {
    const { client, end } = await server.meet();
    const seen: unknown[] = [];
    const calling = client.call("slow", 1, { onProgress: (progress) => seen.push(progress) });
    const request = (await end.hear())!;
    const token = request.params[1]._meta.progressToken;
    const tell = (token: unknown, value: unknown) =>
      end.say(JSON.stringify({ jsonrpc: "2.0", method: "$/progress", params: { token, value } }));
    tell(token, { done: 1, total: 2, note: "half" });
    tell("another", { done: 9 });
    end.result(request, "done");
    assertEquals(await calling, "done");
    assertEquals(seen, [{ done: 1, total: 2, note: "half" }]);
    await part(client, end);
  }));

Deno.test("Client.stream() reads the items of its job, and ends with it", () =>
  ScriptedServer.run(async (server) => {
    const { client, end } = await server.meet();
    const reading = Array.fromAsync(client.stream("count", 3));
    const request = (await end.hear())!;
    const { progressToken: token, items } = request.params[1]._meta;
    assertEquals(items, 32);
    for (const item of [1, "two", { three: 3 }]) sayItem(end, token, item);
    end.result(request, null);
    assertEquals(await reading, [1, "two", { three: 3 }]);
    await part(client, end);
  }));

Deno.test("A reader of items says how many it has taken, in portions", () =>
  ScriptedServer.run(async (server) => {
    const { client, end } = await server.meet();
    const reading = Array.fromAsync(client.stream("count", 40));
    const request = (await end.hear())!;
    const { progressToken: token } = request.params[1]._meta;
    for (let item = 0; item < 32; item++) sayItem(end, token, item);
    for (let portion = 0; portion < 2; portion++) {
      const { method, params } = (await end.hear())!;
      assertEquals([method, params], ["$/taken", { token, items: 16 }]);
    }
    for (let item = 32; item < 40; item++) sayItem(end, token, item);
    end.result(request, null);
    assertEquals((await reading).length, 40);
    await part(client, end);
  }));

Deno.test("Who leaves a stream has the job stopped, and waits for that", () =>
  ScriptedServer.run(async (server) => {
    const { client, end } = await server.meet();
    let hasLeft = false;
    const reading = (async () => {
      for await (const item of client.stream("count", 1e9)) if (item === 2) break;
      hasLeft = true;
    })();
    const request = (await end.hear())!;
    const { progressToken: token } = request.params[1]._meta;
    for (let item = 0; item < 32; item++) sayItem(end, token, item);
    assertEquals((await end.hear())!.params, { id: request.id });
    assertEquals(hasLeft, false);
    end.error(request, "CANCELLED", "It stopped when asked");
    await reading;
    await part(client, end);
  }));

Deno.test("A stream whose job fails ends with the error, after the items before it", () =>
  ScriptedServer.run(async (server) => {
    const { client, end } = await server.meet();
    const seen: unknown[] = [];
    const reading = errorOf((async () => {
      for await (const item of client.stream("count", 3)) seen.push(item);
    })());
    const request = (await end.hear())!;
    sayItem(end, request.params[1]._meta.progressToken, 1);
    end.error(request, "FAILED", "no more");
    assertEquals((await reading).message, "no more");
    assertEquals(seen, [1]);
    await part(client, end);
  }));

Deno.test("What was sent when the connection is lost may have run, and is not sent again", () =>
  ScriptedServer.run(async (server) => {
    const { client, end } = await server.meet({ maxInFlight: 1 });
    const sent = errorOf(client.call("a", 1));
    const waiting = client.call("b", 2);
    await end.hear();
    end.leave();
    const { code, message } = await sent;
    assertEquals(code, "LOST");
    assertMatch(message, /^Cannot tell the result of a: .*; it had been sent, so it may have run/);

    const again = await server.accept();
    const request = (await again.hear())!;
    assertEquals(request.method, "b");
    again.result(request, "two");
    assertEquals(await waiting, "two");
    await part(client, again);
  }));

Deno.test("A server that ends the connection between calls is connected to for the next one", () =>
  ScriptedServer.run(async (server) => {
    const { client, end } = await server.meet();
    await end.end();
    const calling = client.call("a", 1);
    const again = await server.accept();
    again.result((await again.hear())!, "one");
    assertEquals(await calling, "one");
    await part(client, again);
  }));

Deno.test("Where nobody answers it tries again after pauses, and says so in the end", () =>
  ScriptedServer.run(async (server) => {
    const { client, end } = await server.meet({ reconnects: 3 });
    const lost = errorOf(client.call("lost", 0));
    await end.hear();
    server.close();
    end.leave();
    await lost;
    let isOver = false;
    const calling = errorOf(client.call("a", 1)).finally(() => isOver = true);
    while (!isOver) await server.clock.advance(200);
    const { code, message } = await calling;
    assertEquals(code, "LOST");
    assertMatch(message, /connection refused; it was never sent$/);
    assertEquals((await errorOf(client.call("b", 2))).code, "CLOSED");
    await client.close();
  }));

Deno.test("connect() rejects where nobody listens, and does not try again", () =>
  ScriptedServer.run(async (server) => {
    server.close();
    const error = await assertRejects(() => server.connect(), NetError);
    assertEquals([error.code, server.clock.timers], ["connection-refused", 0]);
  }));

Deno.test("A client with a token says who it is before anything else", () =>
  ScriptedServer.run(async (server) => {
    const connecting = server.connect({ token: "secret" });
    const end = await server.accept();
    const who = (await end.hear())!;
    assertEquals([who.method, who.params], ["rpc.authenticate", { token: "secret" }]);
    end.result(who, true);
    const client = await connecting;
    await part(client, end);
  }));

Deno.test("connect() rejects with the server's reason where the token is refused", () =>
  ScriptedServer.run(async (server) => {
    const connecting = errorOf(server.connect({ token: "wrong" }));
    const end = await server.accept();
    end.error((await end.hear())!, "DENIED", "The token is not known");
    const { code, message } = await connecting;
    assertEquals([code, message], ["DENIED", "The token is not known"]);
  }));

Deno.test("Client.close() waits for the calls that were made, and takes no more", () =>
  ScriptedServer.run(async (server) => {
    const { client, end } = await server.meet({ maxInFlight: 1 });
    const calls = [client.call("a", 1), client.call("b", 2)];
    let isClosed = false;
    const closing = client.close().then(() => isClosed = true);
    assertEquals((await errorOf(client.call("c", 3))).code, "CLOSED");
    for (const call of calls) {
      const request = (await end.hear())!;
      assert(!isClosed);
      end.result(request, request.method);
      assertEquals(await call, request.method);
    }
    assertEquals(await end.hear(), undefined);
    await end.end();
    await closing;
  }));

Deno.test("The client's signal ends everything at once", () =>
  ScriptedServer.run(async (server) => {
    const stop = new AbortController();
    const { client, end } = await server.meet({ maxInFlight: 1, signal: stop.signal });
    const calls = [errorOf(client.call("a", 1)), errorOf(client.call("b", 2))];
    await end.hear();
    stop.abort();
    assertEquals((await Promise.all(calls)).map(({ code }) => code), ["CLOSED", "CLOSED"]);
    await client.close();
    const never = await assertRejects(() => server.connect({ signal: stop.signal }));
    assertInstanceOf(never, Cancelled);
  }));

Deno.test("What is no JSON-RPC ends the connection, and the error shows it", () =>
  ScriptedServer.run(async (server) => {
    const { client, end } = await server.meet();
    const calling = errorOf(client.call("a", 1));
    await end.hear();
    end.say("Error: too many connections: the limit is 1 [BUSY]");
    const { code, message } = await calling;
    assertEquals(code, "LOST");
    assertMatch(message, /it says Error: too many connections: the limit is 1 \[BUSY\]/);
    await client.close();
  }));

Deno.test("Law 8: however connections end, no call is sent twice, and each settles once", async () => {
  const fates = fc.array(fc.constantFrom("answer", "hear", "leave"), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(fates, (fates) =>
      ScriptedServer.run(async (server) => {
        const { client, end: first } = await server.meet({ maxInFlight: 3 });
        const ends = new Map<number, string>();
        const calls = Array.from({ length: 12 }, (_, n) =>
          client.call("n", n).then(() =>
            "done", (error: CallError) => error.code)
            .then((how) => ends.set(n, how)));
        const runs: number[] = [];
        let end = first;
        for (const fate of [...fates, ...Array(12).fill("answer")]) {
          if (ends.size === 12) {
            break;
          }
          if (fate === "leave") {
            end.leave();
            await server.clock.settle();
            if (ends.size < 12) {
              end = await server.accept();
            }
            continue;
          }
          const request = (await end.hear())!;
          runs.push(request.params[0]);
          if (fate === "answer") {
            end.result(request, 0);
          }
          await server.clock.settle();
          if (fate === "hear") {
            end.leave();
            await server.clock.settle();
            if (ends.size < 12) {
              end = await server.accept();
            }
          }
        }
        end.leave();
        server.close();
        await client.close();
        await Promise.all(calls);
        assertEquals(ends.size, 12);
        assertEquals(runs.length, new Set(runs).size);
        for (const [n, how] of ends) {
          assert(how === "LOST" || runs.includes(n));
        }
      })),
    { numRuns: 50 },
  );
});
