import { assert, assertEquals, assertGreater } from "@std/assert";
import type { PrintedReport } from "../../bench/hostile/attack.ts";
import type { Target } from "../../bench/hostile/bad_client.ts";
import { beGood } from "../../bench/hostile/good_clients.ts";
import { residueOf, restOf, useOf } from "../../bench/hostile/residue.ts";
import { startVictim } from "../../bench/hostile/victim.ts";

/** How long they come at most, in seconds, and how often and how much each of them. */
const ATTACK = {
  seconds: 2,
  bounds: { most: 1, maxVisits: 2, mostBytes: 200_000, restMs: 1 },
};

/** How much memory the server may take beyond what it had, in MiB. */
const MOST_GROWN_MB = 512;

/** One of the bad ones' principal that waits: what it hears, whenever that comes. */
async function askAsGuest({ port, token }: Target): Promise<string> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode(`AUTH ${token}\nPING\nburn 1\nnothing\n`));
  await conn.closeWrite();
  const chunks = await Array.fromAsync(conn.readable);
  return new TextDecoder().decode(await new Blob(chunks).bytes());
}

/** In a process of their own: bad clients keep an event loop so busy that no other gets on. */
async function attack(target: Target): Promise<PrintedReport[]> {
  const program = new URL("../../bench/hostile/attack.ts", import.meta.url);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-check", "--no-prompt", "-A", program.href],
      JSON.stringify({ ...target, ...ATTACK }),
    ],
    stderr: "inherit",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("Beside all kinds of bad clients no good request fails, and when they have gone nothing is left", async () => {
  const { server, good, bad } = await startVictim();
  await using _server = server;
  const [before, { rssMb }] = [await restOf(server, good), useOf(server)];
  const over = new AbortController();
  const attacking = attack(bad).finally(() => over.abort());
  const waiting = askAsGuest(bad);

  const { stayingMs, visitingMs, failures } = await beGood(good, {
    signal: over.signal,
    clients: { staying: 2, visitors: 1 },
  });

  assertEquals(failures, []); // none without its one right reply
  assertGreater(stayingMs.length, 0);
  assertGreater(visitingMs.length, 0);
  const reports = await attacking;
  assertGreater(reports.length, 20);
  for (const { name, connections } of reports) assertGreater(connections, 0, name);
  assertEquals(
    await waiting,
    "Result: you are guest\nPONG\nResult: 1\nError: Invalid number\n",
  );
  assert(useOf(server).peakMb - rssMb < MOST_GROWN_MB, "the memory is bounded");
  const { stats } = await restOf(server, good);
  const { fds } = before; // those of a lane are kept as long as it may be wanted again
  assertEquals(residueOf(before, { stats, fds }), undefined);
  assertEquals(await server.stop(), 0);
});
