import type { Generator } from "../load/generator.ts";
import type { Group } from "../load/plan.ts";
import type { Server } from "../servers.ts";

/** What a request costs the threads of our server, in microseconds on a core. */
export interface Costs {
  /** The thread that reads and answers. */
  readonly ioUs: number;
  /** All lanes together. */
  readonly laneUs: number;
  /** The threads of the platform: compilers, collectors of garbage. */
  readonly restUs: number;
}

const WARM_MS = 500;

/** Puts a load on a server, and says what a request of it costs which thread. */
export async function costsOf(
  { pid, port }: Server,
  generator: Generator,
  group: Group,
  ms: number,
): Promise<Costs> {
  const plan = { ports: [port], warmMs: 0, groups: [group] };
  await generator.run({ ...plan, measureMs: WARM_MS });
  const before = onCoreUs(pid);
  const { groups: [result] } = await generator.run({ ...plan, measureMs: ms });
  const after = onCoreUs(pid);
  const requests = result!.perSecond * ms / 1000;
  const costUs = (key: keyof Costs) => (after[key] - before[key]) / requests;
  return { ioUs: costUs("ioUs"), laneUs: costUs("laneUs"), restUs: costUs("restUs") };
}

/** How long the threads of a process have been on a core so far. */
function onCoreUs(pid: number): Costs {
  const sums = { ioUs: 0, laneUs: 0, restUs: 0 };
  for (const { name: tid } of Deno.readDirSync(`/proc/${pid}/task`)) {
    const task = `/proc/${pid}/task/${tid}`;
    const isLane = Deno.readTextFileSync(`${task}/comm`).startsWith("worker-");
    const [nanoseconds] = Deno.readTextFileSync(`${task}/schedstat`).split(" ");
    sums[tid === `${pid}` ? "ioUs" : isLane ? "laneUs" : "restUs"] += Number(nanoseconds) / 1000;
  }
  return sums;
}
