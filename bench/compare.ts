import type { LoadOptions, LoadResult } from "./load.ts";
import type { Server } from "./servers.ts";

const ROUNDS = 5;
const SECONDS = 1.5;

/** What is done to each server: all of the load but where and for how long. */
export type Shape = Omit<LoadOptions, "port" | "seconds">;

/** Options for {@linkcode compare}. */
export interface CompareOptions {
  /** Called before and after the load on one server, each round. */
  readonly around?: (server: Server) => Promise<AsyncDisposable>;
}

/** Says how {@linkcode compare} measures. */
export function printHeading(question: string): void {
  console.log(question);
  console.log(`medians of ${ROUNDS} interleaved rounds of ${SECONDS} s; latencies in us\n`);
}

/**
 * Puts the same load on two servers in turn, several rounds, and prints the medians and the ratio
 * of the first to the second.
 */
export async function compare(
  title: string,
  servers: readonly [Server, Server],
  shape: Shape,
  { around }: CompareOptions = {},
): Promise<void> {
  const results = servers.map((): LoadResult[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, server] of servers.entries()) {
      await using _around = await around?.(server) ?? null;
      results[i]!.push(await loadFromOutside({ port: server.port, seconds: SECONDS, ...shape }));
    }
  }
  const [ours, theirs] = results.map(medians) as [LoadResult, LoadResult];
  console.log(title);
  console.log(format(servers[0].name, ours));
  console.log(format(servers[1].name, theirs));
  console.log(formatRatio(ours, theirs));
}

/** Runs the generator in a process of its own: it must not share an event loop with the bench. */
async function loadFromOutside(options: LoadOptions): Promise<LoadResult> {
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "bench/load.ts", JSON.stringify(options)],
    cwd: new URL("../", import.meta.url),
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("the load generator failed");
  return JSON.parse(new TextDecoder().decode(stdout));
}

function medians(results: readonly LoadResult[]): LoadResult {
  const median = (key: keyof LoadResult) => {
    const values = results.map((result) => result[key]).sort((a, b) => a - b);
    return values[Math.floor(values.length / 2)]!;
  };
  return {
    requests: median("requests"),
    perSecond: median("perSecond"),
    p50: median("p50"),
    p99: median("p99"),
    p999: median("p999"),
    errors: Math.max(...results.map(({ errors }) => errors)),
  };
}

function format(name: string, { perSecond, p50, p99, p999, errors }: LoadResult): string {
  const figures = [`${perSecond}/s`, `p50 ${p50}`, `p99 ${p99}`, `p99.9 ${p999}`];
  const row = figures.map((figure) => figure.padEnd(14)).join("");
  return `  ${name.padEnd(12)}${row}${errors ? `${errors} errors` : ""}`;
}

function formatRatio(ours: LoadResult, theirs: LoadResult): string {
  const figures = [
    `${(ours.perSecond / theirs.perSecond).toFixed(2)} x`,
    `p50 ${(ours.p50 / theirs.p50).toFixed(2)}`,
    `p99 ${(ours.p99 / theirs.p99).toFixed(2)}`,
    `p99.9 ${(ours.p999 / theirs.p999).toFixed(2)}`,
  ];
  return `  ${"ratio".padEnd(12)}${figures.map((figure) => figure.padEnd(14)).join("")}\n`;
}
