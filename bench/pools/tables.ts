import type { Rate } from "../rivals/rival.d.ts";

/** What was measured of one job at one depth, by the name of the pool; ours comes first. */
export interface Measured {
  readonly title: string;
  readonly depth: number;
  readonly rates: ReadonlyMap<string, Rate>;
}

/** A table for people who watch: how much faster ours is, in jobs a second, is its last column. */
export function tableOf({ title, depth, rates }: Measured): string {
  const [ours] = rates.values();
  const rows = [...rates].map(([name, { perSecond, p50, p99 }]) => {
    const figures = [`${count(perSecond)}/s`, `p50 ${count(p50)}`, `p99 ${count(p99)}`];
    const ratio = `${(ours!.perSecond / perSecond).toFixed(2)} x`;
    return `  ${name.padEnd(28)}${figures.map((figure) => figure.padStart(14)).join("")}${
      ratio.padStart(10)
    }`;
  });
  return [`\n${title}, ${depth} at a time`, ...rows].join("\n");
}

/** A table for the documentation: a row for each pool, jobs a second and the 99th percentile. */
export function markdownOf(all: readonly Measured[], versions: string): string {
  const names = [...all[0]!.rates.keys()];
  const heads = all.map(({ title, depth }) => `${title}, ${depth} at a time`);
  const rows = names.map((name) => {
    const cells = all.map(({ rates }) => {
      const { perSecond, p99 } = rates.get(name)!;
      return `${count(perSecond)} (${milliseconds(p99)})`;
    });
    return row([name, ...cells]);
  });
  return [
    row(["jobs a second (p99)", ...heads]),
    row(["---", ...heads.map(() => "--:")]),
    ...rows,
    "",
    `Deno ${Deno.version.deno}, ${versions}; ${navigator.hardwareConcurrency} cores.`,
  ].join("\n");
}

/** A number with its thousands apart. */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function milliseconds(us: number): string {
  const ms = us / 1000;
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
