/**
 * What does a client that leaves cost? Each cycle a client sends `50`, a minute of CPU, and leaves;
 * the log says how its job was stopped and after how long. At the end there must be no thread more
 * than at the beginning, and no growing memory.
 *
 *     deno task bench:stop                  two hundred cycles
 *     deno task bench:stop --cycles 1000    more
 *
 * @module
 */

import { readFlags } from "./flags.ts";
import { Server } from "./servers.ts";

const { cycles } = readFlags({ cycles: 200 });

/** What the log says of a job that was stopped. */
interface Stopped {
  readonly how: string;
  readonly stopMs: number;
}

await using server = await Server.ours();
const encoder = new TextEncoder();
const stops: Stopped[] = [];

console.log(`What does a client that leaves cost? ${cycles} cycles of "50" and a disconnect\n`);
await cycle();
const before = usage();
for (let i = 1; i < cycles; i++) {
  await cycle();
  if (i % 100 === 0) console.log(`  after ${i} cycles  ${usage().mib} MiB`);
}
const busyAfterMs = await untilIdle();
const after = usage();

const ms = stops.map(({ stopMs }) => stopMs).sort((a, b) => a - b);
const at = (share: number) => ms[Math.floor(ms.length * share)];
const killed = stops.filter(({ how }) => how === "killed").length;
console.log(`  killed            ${killed} of ${cycles}`);
console.log(`  ms to stopped     p50 ${at(0.5)}, p99 ${at(0.99)}, max ${ms.at(-1)} (grace 100)`);
console.log(`  idle again        within ${busyAfterMs} ms of the last`);
console.log(`  threads           ${before.threads} before, ${after.threads} after`);
console.log(`  memory, MiB       ${before.mib} before, ${after.mib} after`);

/** A client sends a long job, sees that it has begun, and leaves. */
async function cycle(): Promise<void> {
  const stopped = server.nextLine((line) => {
    return line.includes('"job":"fib"') ? JSON.parse(line) as Stopped : undefined;
  });
  const heavy = await connect();
  await heavy.write(encoder.encode("50\n"));
  await begun();
  heavy.close();
  stops.push(await stopped);
}

/** Asks until a lane is busy. */
async function begun(): Promise<void> {
  using conn = await connect();
  const reply = new Uint8Array(4096);
  for (let text = ""; !/^lanes busy: +[1-9]/m.test(text);) {
    await conn.write(encoder.encode("STATS\n"));
    text = new TextDecoder().decode(reply.subarray(0, await conn.read(reply) ?? 0));
  }
}

/** Looks at the CPU time of the process until a tenth of a second adds next to nothing. */
async function untilIdle(): Promise<number> {
  const started = performance.now();
  for (let last = cpuTicks();;) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const now = cpuTicks();
    if (now - last <= 1) return Math.round(performance.now() - started);
    last = now;
  }
}

function cpuTicks(): number {
  const fields = Deno.readTextFileSync(`/proc/${server.pid}/stat`).split(") ")[1]!.split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** The threads that run JavaScript, and the resident memory. */
function usage(): { threads: number; mib: number } {
  const path = `/proc/${server.pid}`;
  const names = [...Deno.readDirSync(`${path}/task`)].map(({ name }) => {
    return Deno.readTextFileSync(`${path}/task/${name}/comm`);
  });
  const kib = /VmRSS:\s+(\d+)/.exec(Deno.readTextFileSync(`${path}/status`))?.[1];
  return {
    threads: names.filter((name) => name.startsWith("worker-")).length,
    mib: Math.round(Number(kib) / 1024),
  };
}

function connect(): Promise<Deno.TcpConn> {
  return Deno.connect({ hostname: "127.0.0.1", port: server.port });
}
