import { assertEquals } from "@std/assert";
import { Failures, peerOf } from "../../src/access/mod.ts";
import { FakeClock } from "../../src/env/mod.ts";

Deno.test("Failures: each further failure of a peer waits twice as long, up to 16 s, and others' do not count", () => {
  const failures = new Failures({ clock: new FakeClock() });
  const delays = Array.from({ length: 9 }, () => failures.add("a"));
  assertEquals(delays, [250, 500, 1000, 2000, 4000, 8000, 16_000, 16_000, 16_000]);
  assertEquals(failures.add("b"), 250);
  assertEquals(failures.total, 10);
});

Deno.test("Failures: after ten minutes without one a peer is as good as new", () => {
  const clock = new FakeClock();
  const failures = new Failures({ clock });
  failures.add("a");
  clock.tick(599_999);
  assertEquals(failures.add("a"), 500);
  clock.tick(600_000);
  assertEquals(failures.add("a"), 250);
  assertEquals(failures.peers, 1);
});

Deno.test("Failures: a million peers take the memory of maxPeers, and the busiest is not forgotten", () => {
  const failures = new Failures({ clock: new FakeClock(), maxPeers: 100 });
  for (let i = 0; i < 1000; i++) {
    failures.add(`peer ${i}`);
    if (i % 50 === 0) failures.add("busy");
  }
  assertEquals(failures.peers, 100);
  assertEquals(failures.add("busy"), 16_000);
});

Deno.test("peerOf(): IPv4 by address, IPv6 by network, a Unix socket by its path", () => {
  const of = (hostname: string) => peerOf({ transport: "tcp", hostname, port: 7 });
  assertEquals(of("192.0.2.1"), "192.0.2.1");
  assertEquals(of("::ffff:192.0.2.1"), "192.0.2.1");
  assertEquals(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  assertEquals(of("2001:db8:1:2::9"), "2001:db8:1:2::/64");
  assertEquals(of("fe80::1%eth0"), "fe80:0:0:0::/64");
  assertEquals(of("::1"), "0:0:0:0::/64");
  assertEquals(peerOf({ transport: "unix", path: "/s" }), "unix:/s");
});
