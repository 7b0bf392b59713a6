// @ts-check
/**
 * A rival in a process of its own, for `pools_bench.ts`: it reads what to measure, a line of JSON
 * each, and answers each with what it measured.
 *
 *     node rate_child.js piscina 2
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { rateOf } from "./rate.js";

const [library = "", workers = "2"] = process.argv.slice(2);
/** @type {{ open(shape: import("./rival.d.ts").PoolShape): import("./rival.d.ts").Rival }} */
const { open } = await import(`./${library}.js`);
const pool = open({ workers: Number(workers) });

for await (const line of createInterface({ input: process.stdin })) {
  const { deed, value, ...shape } = JSON.parse(line);
  const rate = await rateOf(() => pool.run(deed, value), shape);
  console.log(JSON.stringify(rate));
}
process.exit(0);
