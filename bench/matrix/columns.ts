import { libraries, type Library, nodeFolder } from "../rivals/node_folder.ts";
import type { Verdict } from "../rivals/rival.d.ts";
import { ROOT, V8_FLAGS } from "../servers.ts";

/** How long a process may take to answer one question before it is killed, in milliseconds. */
const LIMIT_MS = 40_000;

/** A pool on a runtime, which can be asked the questions of `rivals/probes.js`. */
export interface Column {
  readonly title: string;
  ask(probe: string): Promise<Finding>;
}

/** What came of a question: a verdict, or a process that gave none. */
export type Finding = Verdict | "hung" | { readonly died: string };

/** Ours, and the rivals on Deno and on Node. */
export async function columns(): Promise<readonly Column[]> {
  const folder = await nodeFolder();
  return [
    { title: "switchyard", ask: (probe) => askOurs("worker", probe) },
    { title: "switchyard, processes", ask: (probe) => askOurs("process", probe) },
    ...libraries.map((library) => ({
      title: `${library}, Deno`,
      ask: (probe: string) => askOnDeno(library, probe),
    })),
    ...libraries.map((library) => ({
      title: `${library}, Node`,
      ask: (probe: string) => ask("node", ["probe_child.js", library, probe], folder),
    })),
  ];
}

/** A cell of the table: yes and how long, or no and what happened instead. */
export function formatCell(finding: Finding): string {
  if (finding === "hung") return "no: it hangs";
  if ("died" in finding) return `no: the process ends (${finding.died})`;
  const { ok, ms, note } = finding;
  const time = ms === undefined ? "" : `, ${Math.round(ms)} ms`;
  if (ok) return `yes${time}`;
  return note === undefined ? `no${time}` : `no: ${note}`;
}

function askOurs(isolation: string, probe: string): Promise<Finding> {
  const args = ["run", "--no-prompt", "-A", V8_FLAGS, "bench/matrix/probe_child.ts"];
  return ask(Deno.execPath(), [...args, isolation, probe], ROOT);
}

function askOnDeno(library: Library, probe: string): Promise<Finding> {
  const args = ["run", "--no-prompt", "-A", V8_FLAGS, "bench/rivals/probe_child.js"];
  return ask(Deno.execPath(), [...args, library, probe], ROOT);
}

async function ask(command: string, args: readonly string[], cwd: URL): Promise<Finding> {
  const child = new Deno.Command(command, {
    args: [...args],
    cwd,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, LIMIT_MS);
  const { stdout, code, signal } = await child.output();
  clearTimeout(late);
  const last = new TextDecoder().decode(stdout).trim().split("\n").at(-1) ?? "";
  if (last.startsWith('{"ok"')) return JSON.parse(last);
  return isLate ? "hung" : { died: signal ?? `code ${code}` };
}
