import { assertEquals } from "@std/assert";
import { FakeLog, realEnv } from "../../src/env/mod.ts";
import { WorkerPool } from "../../src/pool/mod.ts";
import { Switch } from "../../src/switch/mod.ts";
import { fixtureJobs } from "./fake_pool.ts";

for (const isolation of ["worker", "process"] as const) {
  Deno.test(`In a ${isolation} lane, what was granted works in every way`, async () => {
    const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
    const server = Deno.serve(options, () => new Response("a word"));
    await using _ = { [Symbol.asyncDispose]: () => server.shutdown() };
    const outcome = await Switch.run(async (sw) => {
      const pool = await WorkerPool.open(sw, { ...realEnv(), log: new FakeLog() }, {
        jobs: await fixtureJobs("granted"),
        grants: { dial: { net: ["127.0.0.1"] } },
        isolation,
        cores: 1,
        spares: 0,
        selfTest: false,
      });
      return await pool.submit("dial", server.addr.port);
    });
    const says = outcome.kind === "done" ? outcome.result : outcome;
    assertEquals(says, ["a word", "a word", "a word", "a word"]);
  });
}
