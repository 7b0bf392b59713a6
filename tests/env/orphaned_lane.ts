/**
 * A server with two lanes that burn for ever. Says the ids of their processes, and waits to be
 * killed.
 *
 * @module
 */

import { realEnv } from "../../src/env/mod.ts";
import { Switch } from "../../src/switch/mod.ts";

const none = "none";
const job = new URL("../fixtures/jobs/conforming/thread.ts", import.meta.url);

await Switch.run(async (sw) => {
  const warden = await realEnv().threads.open(sw, {
    name: "orphaned",
    isolation: "process",
    permissions: {
      ...{ net: none, write: none, env: none },
      ...{ read: [decodeURIComponent(new URL(".", job).pathname)] },
      ...{ run: none, ffi: none, sys: none, import: none },
    },
    memoryMb: 64,
  });
  const lanes = await Promise.all([warden.start(0), warden.start(0)]);
  await Promise.all(lanes.map((lane) => {
    const printed = Promise.withResolvers<void>();
    lane.onMessage((message) => {
      const { type } = message as { type: string };
      if (type === "ready") lane.post({ type: "run", seq: 0, job: 0, input: { value: "burn" } });
      if (type === "print") printed.resolve();
    });
    lane.post({ type: "load", files: [{ index: 0, url: job.href }] });
    return printed.promise;
  }));
  console.log(children().join(" "));
  await new Promise((resolve) => setTimeout(resolve, 3_600_000));
});

/** The lanes, without the shell that watches. */
function children(): number[] {
  return [...Deno.readDirSync("/proc/self/task")].flatMap(({ name }) =>
    Deno.readTextFileSync(`/proc/self/task/${name}/children`).split(" ").filter(Boolean)
  ).map(Number).filter((pid) => Deno.readTextFileSync(`/proc/${pid}/comm`).trim() !== "sh");
}
