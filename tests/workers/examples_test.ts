import { assert, assertGreater, assertMatch } from "@std/assert";
import { withServer } from "../server/with_server.ts";

Deno.test("Every example that HELP shows for a job gets its result on the wire", async () => {
  await withServer({}, async ({ connect }) => {
    using client = await connect();
    const jobs = (await client.askBlock("JOBS")).map((line) => line.split(" ", 1)[0]!);
    assertGreater(jobs.length, 0);
    for (const job of jobs) {
      const help = await client.askBlock(`HELP ${job}`);
      const examples = help.filter((line) => line.startsWith(`  ${job} `));
      assert(examples.length > 0 || job === "spin", `${job} shows how it is used`);
      for (const example of examples) {
        const [reply] = await client.ask(example.trim());
        assertMatch(reply!, /^Result: ./, example);
      }
    }
  });
});
