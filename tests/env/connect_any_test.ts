import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Address, connectAny, fakeEnv, NetError, realEnv } from "../../src/env/mod.ts";
import { Cancelled, MultipleErrors, Switch } from "../../src/switch/mod.ts";

const first: Address = { transport: "tcp", hostname: "10.0.0.1", port: 80 };
const second: Address = { transport: "tcp", hostname: "10.0.0.2", port: 80 };

Deno.test("connectAny() tries the addresses in order, each for its time", async () => {
  const env = fakeEnv();
  await Switch.run(async (sw) => {
    env.net.silence(first);
    const listener = await env.net.listen(sw, second);
    const connecting = connectAny(sw, env, [first, second]);
    await env.clock.advance(9_999);
    assertEquals(env.clock.timers, 1); // of the first attempt still
    await env.clock.advance(1);
    const conn = await connecting;
    assertEquals([conn.remote, env.clock.monotonic()], [second, 10_000]);
    (await listener.accept()).close();
  });
  assertEquals(env.clock.timers, 0);
});

Deno.test("connectAny() takes the first that answers, and closes it with its switch", async () => {
  const env = fakeEnv();
  await Switch.run(async (sw) => {
    const listener = await env.net.listen(sw, first);
    await env.net.listen(sw, second);
    const conn = await sw.run((inner) => connectAny(inner, env, [first, second]));
    assertEquals(conn.remote, first);
    const error = await assertRejects(() => conn.read(new Uint8Array(1)), NetError);
    assertEquals(error.code, "closed");
    (await listener.accept()).close();
  });
});

Deno.test("connectAny() that nobody answers says of each address why", async () => {
  const env = fakeEnv();
  await Switch.run(async (sw) => {
    env.net.silence(first);
    env.net.silence(second);
    const addresses = [first, second, { ...first, port: 81 }];
    const connecting = connectAny(sw, env, addresses, { attemptMs: 10 });
    const failing = assertRejects(() => connecting, NetError);
    await env.clock.advance(20);
    const error = await failing;
    assertEquals(env.clock.monotonic(), 20);
    assertEquals(error.code, "connection-refused");
    assertEquals(
      error.message,
      "Cannot connect to any of 3 addresses: " +
        "10.0.0.1:80: the peer did not answer within attemptMs (10 ms); " +
        "10.0.0.2:80: the peer did not answer within attemptMs (10 ms); " +
        "10.0.0.1:81: connection refused",
    );
    assert(error.cause instanceof MultipleErrors);
    assertEquals(error.cause.errors.map(({ code }) => code), [
      "timed-out",
      "timed-out",
      "connection-refused",
    ]);
  });
});

Deno.test("connectAny() of one address rejects with its error, of none with a RangeError", async () => {
  const env = fakeEnv();
  await Switch.run(async (sw) => {
    const error = await assertRejects(() => connectAny(sw, env, [first]), NetError);
    assertEquals(error.message, "Cannot connect to 10.0.0.1:80: connection refused");
    await assertRejects(() => connectAny(sw, env, []), RangeError, "no address was given");
  });
});

Deno.test("connectAny() that is cancelled tries no other address", async () => {
  const env = fakeEnv();
  await Switch.run(async (sw) => {
    env.net.silence(first);
    await env.net.listen(sw, second);
    const controller = new AbortController();
    const options = { signal: controller.signal };
    const connecting = connectAny(sw, env, [first, second], options);
    controller.abort(new Error("enough"));
    await assertRejects(() => connecting, Cancelled, "enough");
    assertEquals(env.clock.timers, 0);
  });
});

Deno.test("connectAny() ends with its switch", async () => {
  const env = fakeEnv();
  env.net.silence(first);
  const running = Switch.run((sw) => {
    sw.fork(() => connectAny(sw, env, [first, second]));
    sw.fail(new Error("over"));
  });
  await assertRejects(() => running, Error, "over");
  assertEquals(env.clock.timers, 0);
});

Deno.test("connectAny() finds the one of the machine's addresses that answers", async () => {
  const env = realEnv();
  await Switch.run(async (sw) => {
    const closed = await env.net.listen(sw, { transport: "tcp", hostname: "127.0.0.1", port: 0 });
    closed.close();
    const open = await env.net.listen(sw, { transport: "tcp", hostname: "127.0.0.1", port: 0 });
    const conn = await connectAny(sw, env, [closed.address, open.address]);
    assertEquals(conn.remote, open.address);
    (await open.accept()).close();
  });
});
