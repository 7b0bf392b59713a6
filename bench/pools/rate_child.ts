/**
 * Our pool in a process of its own, for `pools_bench.ts`: it reads what to measure, a line of JSON
 * each, and answers each with what it measured.
 *
 *     deno run -A bench/pools/rate_child.ts lanes 2
 *
 * @module
 */

import { TextLineStream } from "@std/streams";
import { realEnv, Switch, type Threads, WorkerPool } from "@switchyard/switchyard";
import { rateOf } from "../rivals/rate.js";
import { PlainThreads } from "./plain_threads.ts";

const [kind = "lanes", workers = "2"] = Deno.args;
const env = realEnv({ log: { level: "warn" } });

/** What the jobs run in: lanes as they are, or workers without what bounds them. */
function threadsOf(kind: string): Threads {
  if (kind === "plain web workers") return new PlainThreads("web");
  if (kind === "plain node workers") return new PlainThreads("node");
  return env.threads;
}

await Switch.run(async (sw) => {
  const pool = await WorkerPool.open(sw, { ...env, threads: threadsOf(kind) }, {
    jobs: await env.cwd.subtree("bench/jobs"),
    cores: Number(workers),
    isolation: kind === "processes" ? "process" : "worker",
    // It would choose another isolation than the one that is measured.
    selfTest: false,
    onStuck: "log",
  });
  const lines = Deno.stdin.readable
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  for await (const line of lines) {
    const { deed, value, ...shape } = JSON.parse(line);
    console.log(JSON.stringify(await rateOf(() => pool.submit(deed, value), shape)));
  }
});
