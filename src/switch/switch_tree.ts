import type { FiberInfo, SwitchInfo } from "./switch_info.ts";

/** A line of the tree, in columns. */
interface Row {
  readonly title: string;
  readonly state: string;
  readonly age: string;
  readonly waits: string;
}

/**
 * A tree for people: one line for each switch and fiber, with its state, its age and what it waits
 * for, in columns.
 *
 * @example
 * ```ts
 * import { formatTree, Switch } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * await Switch.run((sw) => {
 *   sw.fork(async function reader() {
 *     await Promise.resolve();
 *   });
 *   assertEquals(formatTree(sw.inspect()), "switch main      on\n└─ fiber reader");
 * }, { name: "main" });
 * ```
 */
export function formatTree(info: SwitchInfo): string {
  const rows = rowsOf(info, "", "");
  const columns = COLUMNS.map((column) => ({ column, width: widest(rows, column) }))
    .filter(({ width }) => width > 0);
  const lines = rows.map((row) =>
    columns.map(({ column, width }) => align(row[column], column, width)).join("  ").trimEnd()
  );
  return lines.join("\n");
}

const COLUMNS = ["title", "state", "age", "waits"] as const satisfies (keyof Row)[];

function align(text: string, column: keyof Row, width: number): string {
  return column === "age" ? text.padStart(width) : text.padEnd(width);
}

/** The switch, then its fibers, daemons and children; `first` is drawn before it, `rest` below. */
function rowsOf(info: SwitchInfo, first: string, rest: string): Row[] {
  const below = [
    ...info.fibers.map((fiber) => fiberRow.bind(undefined, fiber)),
    ...info.daemons.map((fiber) => fiberRow.bind(undefined, fiber)),
    ...info.children.map((child) => rowsOf.bind(undefined, child)),
  ];
  const rows = below.map((draw, i) =>
    i < below.length - 1 ? draw(`${rest}├─ `, `${rest}│  `) : draw(`${rest}└─ `, `${rest}   `)
  );
  return [switchRow(info, first), ...rows.flat()];
}

function switchRow(info: SwitchInfo, prefix: string): Row {
  const state = info.protected ? `${info.state}, protected` : info.state;
  const waits = info.error === undefined ? info.waitsFor : [info.error, ...info.waitsFor];
  return rowOf(`${prefix}switch ${info.name}`, state, info.ageMs, waits);
}

function fiberRow(info: FiberInfo, prefix: string): Row[] {
  const kind = info.kind === "daemon" ? "daemon" : "fiber";
  return [rowOf(`${prefix}${kind} ${info.name}`, "", info.ageMs, info.waitsFor)];
}

function rowOf(
  title: string,
  state: string,
  ageMs: number | undefined,
  waits: readonly string[],
): Row {
  return { title: title.trimEnd(), state, age: formatAge(ageMs), waits: countEqual(waits) };
}

/** The labels, equal ones as `3 × Semaphore connections`. */
function countEqual(labels: readonly string[]): string {
  const groups = Map.groupBy(labels, (label) => label);
  return Array.from(groups, ([label, { length }]) => length > 1 ? `${length} × ${label}` : label)
    .join(", ");
}

function formatAge(ms: number | undefined): string {
  if (ms === undefined) return "";
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function widest(rows: readonly Row[], column: keyof Row): number {
  return rows.reduce((width, row) => Math.max(width, row[column].length), 0);
}
