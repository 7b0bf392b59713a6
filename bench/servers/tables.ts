import { remarkOn } from "../stolen.ts";
import { NAIVE, OURS } from "./field.ts";
import { count, kilobytes, ratio, time } from "./format.ts";
import type { Figures, Finding, Results } from "./results.ts";
import { type Workload, WORKLOADS } from "./workloads.ts";

/** One workload, for people who watch: a row for each peer. */
export function tableOf(workload: Workload, { peers }: Finding): string {
  const rows = Object.entries(peers).map(([name, figures]) => {
    const cells = [...cellsOf(figures), ...ratiosOf(workload, peers, figures)];
    return `  ${name.padEnd(14)}${cells.map((cell) => cell.padEnd(16)).join("").trimEnd()}`;
  });
  return [`\n${workload.title.replaceAll("`", "")}`, ...rows].join("\n");
}

function cellsOf(figures: Figures): string[] {
  const { rate = 0, p50 = 0, p99 = 0, p999 = 0, heavyRate, memory } = figures;
  const { generatorBusy = 0, stolen = 0 } = figures;
  if (memory !== undefined) return [kilobytes(memory)];
  return [
    `${count(rate)}/s`,
    `p50 ${time(p50)}`,
    `p99 ${time(p99)}`,
    `p99.9 ${time(p999)}`,
    ...(heavyRate === undefined ? [] : [`heavy ${count(heavyRate)}/s`]),
    ...(generatorBusy > 0.95 ? ["(generator full)"] : []),
    ...(remarkOn(stolen) === "" ? [] : [`(${remarkOn(stolen)})`]),
  ];
}

/** How the figure that counts stands to the naive design's and to ours. */
function ratiosOf({ figure }: Workload, peers: Finding["peers"], figures: Figures): string[] {
  return [NAIVE, OURS].flatMap((name) => {
    const base = peers[name];
    if (base === undefined || base === figures) return [];
    return [`${ratio(figures[figure]! / base[figure]!)} x ${name}`];
  });
}

/** The tables for the documentation: what counts of each workload, then all figures. */
export function markdownOf(results: Results): string {
  const measured = WORKLOADS.filter(({ id }) => id in results);
  const names = [...new Set(measured.flatMap(({ id }) => Object.keys(results[id]!.peers)))];
  return [...overview(results, measured, names), "", ...details(results, measured)].join("\n");
}

/** Ours is the last column, and says how it stands to the naive design's. */
function overview(results: Results, workloads: readonly Workload[], names: readonly string[]) {
  const others = names.filter((name) => name !== OURS);
  const rows = workloads.map((workload) => {
    const { peers } = results[workload.id]!;
    const [ours, naive] = [peers[OURS]?.[workload.figure], peers[NAIVE]?.[workload.figure]];
    const cells = others.map((name) => headline(workload, peers[name]));
    const last = `${headline(workload, peers[OURS])} (${ratio(ours! / naive!)})`;
    return row([headOf(workload), ...cells, last]);
  });
  const heads = ["", ...others, `${OURS} (to ${NAIVE})`];
  return [row(heads), row(heads.map((_, i) => i === 0 ? "---" : "--:")), ...rows];
}

function headOf({ title, figure }: Workload): string {
  const suffix = { rate: "a second", p50: "p50", p99: "p99", memory: "" }[figure];
  return suffix === "" ? title : `${title}: ${suffix}`;
}

function headline({ figure }: Workload, figures: Figures | undefined): string {
  const value = figures?.[figure];
  if (value === undefined) return "-";
  return { rate: count, p50: time, p99: time, memory: kilobytes }[figure](value);
}

function details(results: Results, workloads: readonly Workload[]): string[] {
  const heads = ["", "", "a second", "p50", "p99", "p99.9", "to naive", "to ours"];
  const rows = workloads.filter(({ kind }) => kind === "load").flatMap((workload) => {
    const { peers } = results[workload.id]!;
    return Object.entries(peers).map(([name, figures], i) => {
      const { rate, p50, p99, p999, heavyRate } = figures;
      const rates = count(rate!) + (heavyRate === undefined ? "" : ` + ${count(heavyRate)}`);
      return row([
        i === 0 ? workload.title : "",
        name,
        rates,
        ...[p50, p99, p999].map((us) => time(us!)),
        ...[NAIVE, OURS].map((base) =>
          ratio(figures[workload.figure]! / peers[base]?.[workload.figure]!)
        ),
      ]);
    });
  });
  return [row(heads), row(heads.map((_, i) => i < 2 ? "---" : "--:")), ...rows];
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
