import { assert, assertEquals } from "@std/assert";
import { getAvailablePort } from "@std/net";
import { FakeTime } from "@std/testing/time";

Deno.test("getAvailablePort() gives a port that can be listened on", () => {
  const port = getAvailablePort();
  using listener = Deno.listen({ hostname: "127.0.0.1", port });
  assertEquals(listener.addr.port, port);
});

Deno.test("getAvailablePort() gives the preferred port where it is free, and another elsewhere", () => {
  const preferredPort = getAvailablePort();
  assertEquals(getAvailablePort({ preferredPort }), preferredPort);
  using _taken = Deno.listen({ hostname: "127.0.0.1", port: preferredPort });
  assert(getAvailablePort({ preferredPort }) !== preferredPort);
});

Deno.test("FakeTime moves timers and the date when told, and gives the real ones back", () => {
  const realTimeout = setTimeout;
  const rang: number[] = [];
  {
    using time = new FakeTime(1000);
    setTimeout(() => rang.push(Date.now()), 50);
    time.tick(49);
    assertEquals(rang, []);
    time.tick(1);
  }
  assertEquals(rang, [1050]);
  assertEquals(setTimeout, realTimeout);
});
