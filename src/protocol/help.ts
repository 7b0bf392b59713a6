import { formatCommand } from "./command.ts";

/** What people are told of a job. */
export interface JobInfo {
  /** What clients call it. */
  readonly name: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** Texts to try it with. */
  readonly examples?: readonly string[];
  /** What its text must be, in words. */
  readonly takes?: string;
  /** How long a run may take, in milliseconds. */
  readonly deadlineMs?: number;
  /** The heap that a run may fill, in MiB. */
  readonly memoryMb?: number;
  /** The permissions that it asks for, in words. */
  readonly asksFor?: string;
  /** Why it may not run. */
  readonly denial?: string;
}

/** What `STATS` shows, in this order. */
export type Stats = Readonly<Record<string, number | string>>;

type Row = readonly [left: string, right: string];

const VERB_ROWS: readonly Row[] = [
  ["HELP name", "more about one job"],
  ["JOBS", "all jobs, one a line"],
  ["CANCEL n", "stops request n: your lines count from 1"],
  ["PING", "PONG"],
  ["STATS", "what the server does and has done"],
  ["STATS name", "the same of one job"],
  ["AUTH token", "says who you are, where that is asked"],
  ["QUIT", "goodbye"],
];

/** The lines that `HELP` answers with: how to ask, with one line to try for each job. */
export function helpLines(jobs: readonly JobInfo[], defaultJob: string): string[] {
  const jobRows = jobs.map((job): Row => [firstExample(job), oneLine(job.summary)]);
  const takesNumbers = jobs.some(({ name }) => name === defaultJob);
  if (takesNumbers) jobRows.push(["30", `a number alone goes to ${defaultJob}`]);
  const rows = align([...jobRows, ...VERB_ROWS]).map(indent);
  return [
    "One line is one request. Replies come in the order of the requests.",
    "",
    ...rows.slice(0, jobRows.length),
    "",
    ...rows.slice(jobRows.length),
  ];
}

/**
 * The lines that `HELP name` answers with: what the job does, what it takes, its limits, what it asks
 * for, and every example.
 */
export function jobHelpLines(job: JobInfo): string[] {
  const heading = `${job.name}: ${oneLine(job.summary)}`;
  const sections = [align(factRows(job)), exampleLines(job)].filter(({ length }) => length > 0);
  return [heading, ...sections.flatMap((lines) => ["", ...lines.map(indent)])];
}

/** The lines that `JOBS` answers with: a job's name and summary on each, and whether it is denied. */
export function jobsLines(jobs: readonly JobInfo[]): string[] {
  return align(jobs.map(({ name, summary, denial }): Row => [
    name,
    oneLine(denial === undefined ? summary : `${summary} (DENIED: see HELP ${name})`),
  ]));
}

/** The lines that `STATS` answers with: `key: value`, aligned. */
export function statsLines(stats: Stats): string[] {
  return align(Object.entries(stats).map(([key, value]): Row => [`${key}:`, String(value)]));
}

/** What there is to say of a job, each with its word. */
function factRows({ takes, deadlineMs, memoryMb, asksFor, denial }: JobInfo): Row[] {
  const limits = [
    ...(deadlineMs === undefined ? [] : [`${deadlineMs / 1000} s`]),
    ...(memoryMb === undefined ? [] : [`${memoryMb} MiB of heap`]),
  ];
  return [
    ...(takes ? [["takes", oneLine(takes)] as const] : []),
    ...(limits.length > 0 ? [["limits", limits.join(", ")] as const] : []),
    ...(asksFor === undefined ? [] : [["asks for", oneLine(asksFor)] as const]),
    ...(denial === undefined ? [] : [["DENIED", oneLine(denial)] as const]),
  ];
}

function firstExample(job: JobInfo): string {
  return exampleLines(job)[0] ?? job.name;
}

/** The examples of a job as lines to type; what is no line is left out. */
function exampleLines({ name, examples = [] }: JobInfo): string[] {
  const isOneLine = (text: string) => text === oneLine(text);
  return examples.filter(isOneLine).map((text) => formatCommand({ kind: "job", name, text }));
}

function align(rows: readonly Row[]): string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `${left.padEnd(width)}  ${right}`.trimEnd());
}

function indent(line: string): string {
  return `  ${line}`;
}

/** `text` with each run of blanks and controls as one blank, so that it stays on its line. */
function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, " ").trim();
}
