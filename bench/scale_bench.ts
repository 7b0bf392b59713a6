/**
 * What would more cores give, and where does the one thread that reads and answers become the limit?
 * Measures what a request costs that thread and a lane; simulates machines of 8, 32 and 128 cores
 * that have these costs; and measures two acceptors on this one.
 *
 *     deno task bench:scale             prints
 *     deno task bench:scale --wait 30   pauses for up to half an hour in all while the host of the
 *                                       machine gives its time to others
 *     deno task bench:scale --write     also writes it into docs/performance.md
 *
 * @module
 */

import { readFlags } from "./flags.ts";
import { Generator } from "./load/generator.ts";
import type { Group } from "./load/plan.ts";
import { measureAcceptors } from "./scale/acceptors.ts";
import { type Costs, costsOf } from "./scale/costs.ts";
import { acceptorRows, costRows, scaleRows } from "./scale/rows.ts";
import { Server } from "./servers.ts";
import { TINY } from "./servers/workloads.ts";
import { showProgress } from "./show_progress.ts";
import { CalmTurns, realHost } from "./stolen.ts";
import { writeSection } from "./write_section.ts";

const MEASURE_MS = 2_000;

/** One request at a time shows the cost of a request alone, many that of one among others. */
const GROUPS: Readonly<Record<string, Group>> = {
  "64 clients, one at a time each": { kind: "closed", connections: 64, depth: 1, script: TINY },
  "16 clients, 16 at a time each": { kind: "closed", connections: 16, depth: 16, script: TINY },
};

const { wait, write } = readFlags({ wait: 0, write: false });
const turns = new CalmTurns(realHost(wait));
await using generator = new Generator();
const rows: string[] = [];

showProgress("what a request costs");
const costs = await measureCosts();
tell(costRows(costs));
showProgress("machines with more cores, simulated");
tell(scaleRows(Object.values(costs)[0]!));
showProgress("two acceptors on this one");
tell(acceptorRows(await measureAcceptors(generator, turns)));
if (turns.remark !== "") tell([`Not in calm times: the ${turns.remark} at worst.`]);
if (write) await writeSection("scale", rows.join("\n"), "docs/performance.md");

/** Prints a part as soon as it is there, and keeps it for the page. */
function tell(part: readonly string[]): void {
  showProgress();
  console.log(`${part.join("\n")}\n`);
  rows.push(...part, "");
}

async function measureCosts(): Promise<Record<string, Costs>> {
  await using server = await Server.ours();
  const costs: Record<string, Costs> = {};
  for (const [title, group] of Object.entries(GROUPS)) {
    const measure = () => costsOf(server, generator, group, MEASURE_MS);
    costs[title] = (await turns.take(measure)).value;
  }
  return costs;
}
