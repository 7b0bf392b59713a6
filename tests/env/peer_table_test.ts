import { assertEquals } from "@std/assert";
import { PeerTable } from "../../src/env/deno_peer_table.ts";
import type { PeerState } from "../../src/env/net.ts";
import { socketKey } from "../../src/env/proc_net.ts";

const SERVER = { transport: "tcp", hostname: "127.0.0.1", port: 8080 } as const;
const client = (port: number) => ({ ...SERVER, port });

/** A table of the kernel in which these ports have a socket with an owner. */
function tableOf(ports: readonly number[]): Uint8Array {
  const lines = ports.map((port) => {
    const [own, peer] = socketKey(client(port), SERVER).split(" ");
    return `   0: ${own} ${peer} 05 0:0 00:00000000 00000000     0        0 4711 1`;
  });
  return new TextEncoder().encode(["head", ...lines, ""].join("\n"));
}

/** A kernel that takes `tookMs` to show its table. */
class Kernel {
  nowMs = 1_000;
  tookMs = 0;
  readings = 0;
  ports: readonly number[] = [];
  readonly table: PeerTable = new PeerTable({
    nowMs: () => this.nowMs,
    read: () => {
      this.readings++;
      this.nowMs += this.tookMs;
      return Promise.resolve([tableOf(this.ports)]);
    },
  });

  /** Of a client that came before all readings, if nothing else is said. */
  look(port: number, since = 0): Promise<PeerState> {
    return this.table.look(SERVER, client(port), since);
  }
}

Deno.test("A peer that has left is gone in the first reading behind that", async () => {
  const kernel = new Kernel();
  kernel.ports = [1, 2];
  assertEquals(await kernel.look(1), "there");
  kernel.ports = [2];
  kernel.nowMs += 101;
  assertEquals(await kernel.look(3), "gone");
  assertEquals(await kernel.look(2), "there");
  assertEquals(await kernel.look(1), "gone");
  assertEquals(kernel.readings, 2);
});

Deno.test("All who are gone in a reading are gone in the pause behind it, and who has come since is there", async () => {
  const kernel = new Kernel();
  kernel.tookMs = 50;
  assertEquals(await kernel.look(1), "gone");
  const since = kernel.table.readings;
  for (let i = 0; i < 99; i++) {
    kernel.nowMs += 5;
    assertEquals(await kernel.look(i), "gone");
    assertEquals(await kernel.look(i, since), "there"); // another, of the same number
  }
  assertEquals(kernel.readings, 1);
  kernel.nowMs += 5;
  assertEquals(await kernel.look(1, since), "gone");
  assertEquals(kernel.readings, 2);
});

Deno.test("The pause behind a reading of the peers has an end soon, however long the reading took", async () => {
  const kernel = new Kernel();
  kernel.tookMs = 10_000;
  kernel.ports = [1];
  assertEquals(await kernel.look(1), "there");
  kernel.ports = [];
  kernel.nowMs += 499;
  assertEquals(await kernel.look(1), "there");
  kernel.nowMs++;
  assertEquals(await kernel.look(1), "gone");
});

Deno.test("All who look while the peers are read share the next reading", async () => {
  const kernel = new Kernel();
  const looks = Array.from({ length: 20 }, (_, port) => kernel.look(port));
  assertEquals(new Set(await Promise.all(looks)), new Set(["gone"]));
  assertEquals(kernel.readings, 1);
});

Deno.test("For a peer on another machine nothing is read, and nothing is known of it", async () => {
  const kernel = new Kernel();
  const afar = { ...client(1), hostname: "192.0.2.7" };
  assertEquals(await kernel.table.look(SERVER, afar, 0), "unknown");
  assertEquals(kernel.readings, 0);
});

Deno.test("Where the peers cannot be read, nothing is known of them, in the pause neither", async () => {
  let nowMs = 0;
  const table = new PeerTable({
    nowMs: () => nowMs++,
    read: () => Promise.reject(new Deno.errors.NotFound()),
  });
  for (let i = 0; i < 20; i++) assertEquals(await table.look(SERVER, client(1), 0), "unknown");
});
