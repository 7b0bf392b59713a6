import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type Conn, type FakeConn, fakeEnv, NetError, type TcpAddress } from "../../src/env/mod.ts";
import { serveConnections, type ServeOptions } from "../../src/net/mod.ts";
import { Fiber, Switch } from "../../src/switch/mod.ts";
import { TextClient } from "./text_client.ts";

const ADDRESS: TcpAddress = { transport: "tcp", hostname: "127.0.0.1", port: 8080 };

/** A server on the fake network whose handlers wait for `bye`, then say it. */
async function setUp(sw: Switch, options: Partial<ServeOptions> = {}) {
  const env = fakeEnv();
  const { clock, log, net } = env;
  const bye = Promise.withResolvers<void>();
  const stop = new AbortController();
  const served: Conn[] = [];
  let open = 0;
  let mostOpen = 0;
  const onConnection = async (sw: Switch, conn: Conn) => {
    served.push(conn);
    mostOpen = Math.max(mostOpen, ++open);
    sw.onRelease(() => void open--);
    await Promise.race([bye.promise, Fiber.awaitCancel(sw.signal)]);
    await conn.write(new TextEncoder().encode("Bye"));
  };
  const listener = await net.listen(sw, ADDRESS);
  const serve = (sw: Switch) =>
    serveConnections(sw, listener, {
      clock,
      log,
      onConnection,
      maxConnections: 10,
      stop: stop.signal,
      ...options,
    });
  const connect = () => TextClient.connect(sw, net, listener.address);
  return { ...env, listener, stop, bye, served, serve, connect, mostOpen: () => mostOpen };
}

Deno.test("serveConnections() lets the connections finish when it is stopped", async () => {
  await Switch.run(async (sw) => {
    const { clock, stop, bye, serve, connect, net } = await setUp(sw);
    const serving = serve(sw);
    const clients = await Promise.all([connect(), connect(), connect()]);
    await clock.settle();
    stop.abort();
    await assertRejects(() => net.connect(sw, ADDRESS), NetError, "connection refused");
    bye.resolve();
    await serving;
    assertEquals(await Promise.all(clients.map((client) => client.hear())), ["Bye", "Bye", "Bye"]);
  });
});

Deno.test("serveConnections() cuts the connections when its switch is cancelled", async () => {
  const failure = new Error("the server is gone");
  const clients: TextClient[] = [];
  await Switch.run(async (outer) => {
    const { clock, serve, connect, log } = await setUp(outer);
    const serving = Switch.run(async (sw) => {
      sw.fork(() => serve(sw));
      clients.push(await connect(), await connect());
      await clock.settle();
      sw.fail(failure);
    });
    assertEquals(await assertRejects(() => serving), failure);
    assertEquals(await Promise.all(clients.map((client) => client.hear())), ["", ""]);
    assertEquals(log.messages("error"), []); // nobody is told of a cancellation
  });
});

Deno.test("serveConnections() has no more than maxConnections open, and takes the next when one ends", async () => {
  await Switch.run(async (sw) => {
    const { clock, stop, bye, serve, connect, served, mostOpen } = await setUp(sw, {
      maxConnections: 2,
    });
    const serving = serve(sw);
    const clients = await Promise.all(Array.from({ length: 10 }, connect));
    await clock.settle();
    assertEquals(served.length, 2);
    bye.resolve();
    assertEquals(await Promise.all(clients.map((client) => client.hear())), Array(10).fill("Bye"));
    stop.abort();
    await serving;
    assertEquals(mostOpen(), 2);
  });
});

Deno.test("serveConnections() stops also while it waits for a free connection", async () => {
  await Switch.run(async (sw) => {
    const { clock, stop, bye, serve, connect, served } = await setUp(sw, { maxConnections: 1 });
    const serving = serve(sw);
    await connect();
    const late = await connect();
    await clock.settle();
    stop.abort();
    bye.resolve();
    await serving;
    assertEquals(served.length, 1);
    await assertRejects(() => late.hear(), NetError, "connection-reset");
  });
});

Deno.test("serveConnections() returns when its listener is closed", async () => {
  await Switch.run(async (sw) => {
    const { listener, serve } = await setUp(sw);
    const serving = serve(sw);
    listener.close();
    await serving;
  });
});

Deno.test("serveConnections() stopped before it began serves nobody", async () => {
  await Switch.run(async (sw) => {
    const { stop, serve, net } = await setUp(sw);
    stop.abort();
    await serve(sw);
    await assertRejects(() => net.connect(sw, ADDRESS), NetError);
  });
});

Deno.test("serveConnections() closes the socket of a failing connection, logs why, and serves the others", async () => {
  await Switch.run(async (sw) => {
    const { clock, stop, serve, connect, log } = await setUp(sw, {
      onConnection: () => Promise.reject(new Error("no luck")),
    });
    const serving = serve(sw);
    assertEquals(await (await connect()).hear(), "");
    assertEquals(await (await connect()).hear(), "");
    await clock.settle();
    assertEquals(log.messages("error").length, 2);
    assertStringIncludes(
      log.lines.join("\n"),
      'error="handling connection from 127.0.0.1:49152: no luck"',
    );
    stop.abort();
    await serving;
  });
});

Deno.test("serveConnections() does the same where a connection fails at once, and gives its place to the next", async () => {
  await Switch.run(async (sw) => {
    const { clock, stop, serve, connect, log } = await setUp(sw, {
      maxConnections: 1,
      onConnection: () => {
        throw new Error("no luck");
      },
    });
    const serving = serve(sw);
    const clients = await Promise.all([connect(), connect(), connect()]);
    assertEquals(await Promise.all(clients.map((client) => client.hear())), ["", "", ""]);
    await clock.settle();
    assertEquals(log.messages("error").length, 3);
    stop.abort();
    await serving;
  });
});

Deno.test("serveConnections() closes a crowd that ends at once, and takes the next one", async () => {
  await Switch.run(async (sw) => {
    const { stop, bye, serve, connect, served } = await setUp(sw, { maxConnections: 100 });
    const serving = serve(sw);
    const clients = await Promise.all(Array.from({ length: 200 }, connect));
    bye.resolve();
    assertEquals(await Promise.all(clients.map((client) => client.hear())), Array(200).fill("Bye"));
    assertEquals(served.length, 200);
    stop.abort();
    await serving;
  });
});

Deno.test("serveConnections() that is cut closes also who waits for a turn to be closed", async () => {
  const failure = new Error("the server is gone");
  const conns: Conn[] = [];
  const allThere = Promise.withResolvers<void>();
  const closed = () => conns.filter((conn) => (conn as FakeConn).closed).length;
  await Switch.run(async (outer) => {
    const { bye, serve, connect } = await setUp(outer, {
      maxConnections: 100,
      async onConnection(_sw, conn) {
        if (conns.push(conn) === 100) allThere.resolve();
        await bye.promise;
      },
    });
    const serving = Switch.run(async (sw) => {
      sw.fork(() => serve(sw));
      const clients = await Promise.all(Array.from({ length: 100 }, connect));
      await allThere.promise;
      bye.resolve();
      await clients[0]!.hear(); // it is closed, and so are some others
      assertEquals([closed() > 0, closed() < 100], [true, true]);
      sw.fail(failure);
    });
    assertEquals(await assertRejects(() => serving), failure);
    assertEquals(closed(), 100);
  });
});

Deno.test("serveConnections() outlives an accept that fails, and logs a burst once", async () => {
  await Switch.run(async (sw) => {
    const { clock, net, log, stop, bye, serve, connect } = await setUp(sw, { maxConnections: 1 });
    const serving = serve(sw);
    bye.resolve();
    for (let i = 0; i < 4; i++) net.failAccept(ADDRESS, "too-many-files");
    const client = await connect();
    await clock.advance(5 + 10 + 20);
    assertEquals(log.messages("info"), []);
    await clock.advance(40);
    assertEquals(await client.hear(), "Bye");
    assertEquals(log.messages("warn"), ["accepting fails, trying again"]);
    assertEquals(log.messages("info"), ["accepting again"]);
    // The one permit was not lost on the way.
    assertEquals(await (await connect()).hear(), "Bye");
    stop.abort();
    await serving;
  });
});

Deno.test("serveConnections() pauses a second at most between failing accepts", async () => {
  await Switch.run(async (sw) => {
    const { clock, net, stop, serve } = await setUp(sw);
    const serving = serve(sw);
    for (let i = 0; i < 12; i++) net.failAccept(ADDRESS, "other");
    await clock.advance(5 + 10 + 20 + 40 + 80 + 160 + 320 + 640);
    assertEquals(clock.nextIn, 1000);
    stop.abort(); // also ends the pause
    await serving;
    assertEquals(clock.timers, 0);
  });
});

Deno.test("serveConnections() says at debug when a connection opens and when it has closed", async () => {
  await Switch.run(async (sw) => {
    const { bye, stop, serve, connect, log } = await setUp(sw);
    const serving = serve(sw);
    bye.resolve();
    await (await connect()).hear();
    stop.abort();
    await serving;
    assertEquals(log.messages("debug"), ["connection opened", "connection closed"]);
  });
});

Deno.test("serveConnections() names the switch of a connection after its peer", async () => {
  await Switch.run(async (sw) => {
    const names: string[] = [];
    const { stop, serve, connect } = await setUp(sw, {
      onConnection: ({ name }) => void names.push(name),
    });
    const serving = serve(sw);
    await (await connect()).hear();
    stop.abort();
    await serving;
    assertEquals(names, ["connection 127.0.0.1:49152"]);
  });
});

Deno.test("serveConnections() closes a connection that arrives as its switch is cancelled", async () => {
  await Switch.run(async (outer) => {
    const { listener, serve, served, net } = await setUp(outer);
    const client = await net.connect(outer, ADDRESS);
    await assertRejects(() =>
      Switch.run((sw) => {
        const { accept } = listener;
        listener.accept = async () => {
          const conn = await accept.call(listener);
          sw.fail(new Error("just now"));
          return conn;
        };
        return serve(sw);
      })
    );
    assertEquals(served, []);
    assertEquals(await client.peer(), "gone");
  });
});

Deno.test("serveConnections() refuses a limit that is no positive integer", async () => {
  await Switch.run(async (sw) => {
    for (const maxConnections of [0, -1, 1.5, NaN]) {
      const { serve, listener } = await setUp(sw, { maxConnections });
      await assertRejects(() => serve(sw), RangeError, "maxConnections");
      listener.close();
    }
  });
});

const FULL = "Error: Cannot serve you: come back later [BUSY]\n";

Deno.test("serveConnections() tells 32 at a time that the limit is reached, and lets the others wait", async () => {
  await Switch.run(async (sw) => {
    const { clock, stop, bye, serve, connect, served, log } = await setUp(sw, {
      maxConnections: 1,
      refusal: FULL,
    });
    const serving = serve(sw);
    const first = await connect();
    await clock.settle();
    const flood = await Promise.all(Array.from({ length: 100 }, connect));
    await clock.settle();
    const told = () => flood.filter(({ conn }) => (conn as FakeConn).unread > 0).length;
    assertEquals([served.length, told()], [1, 32]); // none of them ends its half
    await clock.advance(1000); // so each is closed after a second, and the next are told
    assertEquals(told(), 64);
    await clock.advance(2000);
    assertEquals(await Promise.all(flood.map((client) => client.hear())), Array(100).fill(FULL));
    assertEquals(log.messages("warn"), ["connection refused: the limit is reached"]);
    bye.resolve();
    assertEquals(await first.hear(), "Bye");
    stop.abort();
    await clock.advance(1000);
    await serving;
    assertEquals([served.length, clock.timers], [1, 0]);
  });
});

Deno.test("serveConnections() sends away whoever floods instead of reading, and takes the next when one ends", async () => {
  await Switch.run(async (sw) => {
    const { clock, stop, bye, serve, connect } = await setUp(sw, {
      maxConnections: 1,
      refusal: FULL,
    });
    const serving = serve(sw);
    const first = await connect();
    await clock.settle();
    const flooding = await connect();
    await flooding.say("x".repeat(65_536));
    await clock.settle();
    assertEquals(await flooding.conn.peer(), "gone"); // after 64 KiB, without a second's wait
    bye.resolve();
    await first.hear();
    assertEquals(await (await connect()).hear(), "Bye");
    stop.abort();
    await serving;
  });
});

Deno.test("serveConnections() serves several listeners under one limit, and stops all of them", async () => {
  await Switch.run(async (sw) => {
    const { clock, listener, stop, bye, net, log, served } = await setUp(sw);
    const other = await net.listen(sw, { ...ADDRESS, port: 9090 });
    const ports: number[] = [];
    const serving = serveConnections(sw, [listener, other], {
      clock,
      log,
      maxConnections: 2,
      refusal: FULL,
      stop: stop.signal,
      async onConnection(_sw, conn, { address }) {
        served.push(conn);
        ports.push((address as TcpAddress).port);
        await bye.promise;
      },
    });
    for (const { address } of [listener, other]) await TextClient.connect(sw, net, address);
    await clock.settle();
    const third = await TextClient.connect(sw, net, other.address);
    assertEquals(await third.hear(), FULL);
    third.conn.close();
    assertEquals(ports, [8080, 9090]);
    stop.abort();
    bye.resolve();
    await serving;
    await assertRejects(() => net.connect(sw, other.address), NetError, "connection refused");
  });
});
