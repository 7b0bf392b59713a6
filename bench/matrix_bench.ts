/**
 * What does a worker pool do when it matters? The same questions to piscina, tinypool, workerpool
 * and poolifier, on Deno and on Node, and to ours. Every cell of the table is a real run, in a
 * process of its own and under a time limit: nothing is typed in by hand.
 *
 *     deno task bench:matrix            prints the table
 *     deno task bench:matrix --write    also puts it into docs/comparison.md
 *     deno task bench:matrix exit       asks the questions whose names contain a word
 *     deno task bench:matrix --columns Node    asks those whose titles contain a word
 *
 * A library is asked by what it offers itself, through its adapter in `bench/rivals`; what can be
 * built around it does not count.
 *
 * @module
 */

import { Fiber } from "@switchyard/switchyard";
import { readWords } from "./flags.ts";
import { type Column, columns, formatCell } from "./matrix/columns.ts";
import { libraries, versionOf } from "./rivals/node_folder.ts";
import { probes } from "./rivals/probes.js";
import { writeSection } from "./write_section.ts";

const { flags: { write, columns: wanted }, words } = readWords({ write: false, columns: "" });

/** A question, and the cell of each column. */
interface Row {
  readonly name: string;
  readonly cells: readonly string[];
}

const all = (await columns()).filter(({ title }) => title.includes(wanted));
const names = Object.keys(probes).filter((name) => {
  return words.length === 0 || words.some((word) => name.includes(word));
});
const rows: Row[] = [];
for (const name of names) {
  const row = await askAll(name, all);
  console.log(`\n${probes[name]!.claim}`);
  all.forEach(({ title }, i) => console.log(`  ${title.padEnd(26)}${row.cells[i]}`));
  rows.push(row);
}
if (write) await writeSection("matrix", markdownOf(rows));

/** Two at a time: most of what is asked is waited for. */
async function askAll(name: string, all: readonly Column[]): Promise<Row> {
  const ask = async (column: Column) => formatCell(await column.ask(name));
  return { name, cells: await Fiber.map(all, ask, { maxFibers: 2 }) };
}

function markdownOf(rows: readonly Row[]): string {
  const lines = [
    line(["", ...all.map(({ title }) => title)]),
    line(["---", ...all.map(() => "---")]),
  ];
  let topic = "";
  for (const { name, cells } of rows) {
    const probe = probes[name]!;
    if (probe.topic !== topic) {
      lines.push(line([`**${topic = probe.topic}**`, ...cells.map(() => "")]));
    }
    lines.push(line([probe.claim, ...cells]));
  }
  const versions = libraries.map((library) => `${library} ${versionOf(library)}`).join(", ");
  return [...lines, "", `Deno ${Deno.version.deno}, ${versions}.`].join("\n");
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
