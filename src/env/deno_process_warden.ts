import type { Switch } from "../switch/mod.ts";
import type { Clock } from "./clock.ts";
import type { OrphanWatch } from "./deno_orphan_watch.ts";
import type { ProcessLane } from "./deno_process_lane.ts";
import type { ThreadLimits } from "./deno_thread_base.ts";
import type { ScopeSpec, Thread, Warden } from "./threads.ts";

/** Opens a scope each of whose threads is a `deno` process with the scope's permissions as flags. */
export async function openProcessWarden(
  sw: Switch,
  spec: ScopeSpec,
  clock: Clock,
  limits: ThreadLimits,
): Promise<Warden> {
  if (Deno.build.standalone) {
    throw new Error(
      "Cannot isolate jobs by processes: a compiled program has none to start that may do less than it may itself. Use the worker isolation, or run it with deno",
    );
  }
  let watch: Promise<OrphanWatch | undefined> | undefined; // not before there is a lane to watch
  const lanes = new Set<ProcessLane>();
  let isClosed = false;
  sw.onRelease(async () => {
    isClosed = true;
    await Promise.all([...lanes].map((lane) => lane.kill()));
    await (await watch)?.close();
  });
  await Promise.resolve();
  return {
    spec,
    async start(): Promise<Thread> {
      // Loaded with the first lane, as they bring `node:child_process` along, and most have none.
      const { ProcessLane } = await import("./deno_process_lane.ts");
      const { OrphanWatch } = await import("./deno_orphan_watch.ts");
      const itsWatch = isClosed ? undefined : await (watch ??= OrphanWatch.start());
      if (isClosed) throw new Error(`Cannot start a thread: scope "${spec.name}" is closed`);
      const lane = new ProcessLane(clock, limits, spec, itsWatch);
      lanes.add(lane);
      void lane.ended.then(() => lanes.delete(lane));
      return lane.started();
    },
  };
}
