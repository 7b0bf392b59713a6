import { getAvailablePort } from "@std/net";
import type { Generator } from "../load/generator.ts";
import type { Exchange } from "../load/plan.ts";
import { median } from "../median.ts";
import { onDeno, Server } from "../servers.ts";
import { TINY } from "../servers/workloads.ts";
import type { CalmTurns } from "../stolen.ts";

const ROUNDS = 3;
const WARM_MS = 250;
const MEASURE_MS = 500;
const CLIENTS = 64;

/** What the clients ask. */
type Script = readonly Exchange[];

/** A job that costs more than its way. */
const SHORT: Script = [{ line: "20", reply: "Result: 6765" }];

/** One acceptor beside two, in requests a second. */
export interface Acceptors {
  readonly name: string;
  readonly one: number;
  readonly two: number;
}

/** Servers that do the same together, and where they are. */
interface Team {
  readonly servers: readonly Server[];
  readonly ports: readonly number[];
}

/**
 * Measures whether a second acceptor helps on this machine: bare Deno, two of which share a port by
 * `reusePort`, and ours, two of which have a lane each.
 */
export async function measureAcceptors(
  generator: Generator,
  turns: CalmTurns,
): Promise<Acceptors[]> {
  await using stack = new AsyncDisposableStack();
  const start = async (starting: readonly Promise<Server>[], shared?: number): Promise<Team> => {
    const servers = (await Promise.all(starting)).map((server) => stack.use(server));
    return { servers, ports: shared === undefined ? servers.map(({ port }) => port) : [shared] };
  };
  const shared = getAvailablePort();
  const oneBare = await start([bare(getAvailablePort())]);
  const twoBare = await start([bare(shared), bare(shared)], shared);
  const oneOurs = await start([Server.ours("--cores=2")]);
  const port = getAvailablePort();
  const half = ["--cores=1", "--reuse-port=on", `--listen=127.0.0.1:${port}`];
  const twoOurs = await start([Server.ours(...half), Server.ours(...half)], port);
  const rateOf = async (team: Team, script: Script) =>
    (await turns.take(() => measureRate(generator, team.ports, script))).value;
  return [
    { name: "bare Deno: `fib 1`", ...await compare(oneBare, twoBare, TINY, rateOf) },
    { name: "the same: `fib 20`", ...await compare(oneBare, twoBare, SHORT, rateOf) },
    { name: "switchyard: `fib 1`", ...await compare(oneOurs, twoOurs, TINY, rateOf) },
    { name: "the same: `fib 20`", ...await compare(oneOurs, twoOurs, SHORT, rateOf) },
  ];
}

function bare(port: number): Promise<Server> {
  const args = ["--unstable-net", "bench/peers/inline_server.ts", `${port}`];
  return Server.start(`inline on ${port}`, onDeno(...args));
}

/** Medians of rounds in which each team has its turn. */
async function compare(
  one: Team,
  two: Team,
  script: Script,
  rateOf: (team: Team, script: Script) => Promise<number>,
) {
  const ones: number[] = [];
  const twos: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ones.push(await rateOf(one, script));
    twos.push(await rateOf(two, script));
  }
  return { one: median(ones), two: median(twos) };
}

async function measureRate(generator: Generator, ports: readonly number[], script: Script) {
  const group = { kind: "closed", connections: CLIENTS, depth: 1, script } as const;
  const plan = { ports, warmMs: WARM_MS, measureMs: MEASURE_MS, groups: [group] };
  return (await generator.run(plan)).groups[0]!.perSecond;
}
