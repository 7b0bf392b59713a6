import { count, ratio, time } from "../servers/format.ts";
import type { Acceptors } from "./acceptors.ts";
import type { Costs } from "./costs.ts";
import { simulate } from "./simulate.ts";

const CORES = [8, 32, 128];
const JOBS_US = [0, 100, 1_000, 10_000];
const ACCEPTORS = [1, 2, 4, 8];

/** Enough for a 99th percentile. */
const REQUESTS = 40_000;

/** Where a server should be run: above, its queues grow long. */
const LOAD = 0.8;

/** What a request costs, as a table in Markdown. */
export function costRows(costs: Readonly<Record<string, Costs>>): string[] {
  const rows = Object.entries(costs).map(([title, { ioUs, laneUs, restUs }]) => {
    return row([title, ...[ioUs, laneUs, restUs].map((us) => us.toFixed(1))]);
  });
  const heads = ["a `fib 1`, in us on a core", "I/O thread", "lanes", "the platform's threads"];
  return [...headOf(heads), ...rows];
}

/** What machines with more cores would do: requests a second, and the 99th percentile at 80 %. */
export function scaleRows(costs: Costs): string[] {
  const rows = CORES.flatMap((cores) =>
    ACCEPTORS.filter((acceptors) => acceptors * 4 <= cores).map((acceptors) => {
      const cells = JOBS_US.map((jobUs) => cellOf(costs, cores, acceptors, jobUs));
      return row([
        `${cores} cores, ${acceptors === 1 ? "1 acceptor" : `${acceptors} acceptors`}`,
        ...cells,
      ]);
    })
  );
  const heads = [
    "a second (p99 at 80 %)",
    "tiny jobs",
    ...JOBS_US.slice(1).map((us) => `of ${time(us)}`),
  ];
  return [...headOf(heads), ...rows];
}

/** One acceptor beside two. */
export function acceptorRows(all: readonly Acceptors[]): string[] {
  const rows = all.map(({ name, one, two }) => {
    return row([name, count(one), count(two), ratio(two / one)]);
  });
  return [...headOf(["a second, 64 clients", "one", "two on its port", "ratio"]), ...rows];
}

/** In bold where the acceptors are the limit. */
function cellOf({ ioUs, laneUs }: Costs, cores: number, acceptors: number, jobUs: number): string {
  const lanes = cores - acceptors;
  const model = { acceptors, lanes, ioUs, laneUs, jobUs };
  const most = simulate({ ...model, perSecond: Infinity }, REQUESTS).perSecond;
  const { p99Us } = simulate({ ...model, perSecond: LOAD * most }, REQUESTS);
  const mark = acceptors / ioUs < lanes / (laneUs + jobUs) ? "**" : "";
  return `${mark}${count(Number(most.toPrecision(3)))}${mark} (${time(p99Us)})`;
}

function headOf(heads: readonly string[]): string[] {
  return [row(heads), row(heads.map((_, i) => i === 0 ? "---" : "--:"))];
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
