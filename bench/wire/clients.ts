/**
 * Clients that come and go, or stay and say nothing. The comers and goers run in a process of their
 * own, which prints what it measured as JSON.
 *
 * @module
 */

/** What every server that is measured answers with one line. */
const REQUEST = new TextEncoder().encode("PING\n");

/** So many connect at a time: fewer than the kernel keeps waiting. */
const AT_ONCE = 100;

/** What clients that come, ask one thing and leave have measured. */
export interface Churn {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Connects so many clients, each of which asks one thing and stays. */
export async function connectAll(port: number, count: number): Promise<{ leave: () => void }> {
  const conns: Deno.Conn[] = [];
  while (conns.length < count) {
    const batch = Math.min(AT_ONCE, count - conns.length);
    conns.push(...await Promise.all(Array.from({ length: batch }, () => visit(port))));
  }
  return { leave: () => conns.forEach((conn) => conn.close()) };
}

/** Runs {@linkcode churn} in a process of its own: it must not share an event loop with the bench. */
export async function loadFromOutside(port: number, clients: number, ms: number): Promise<Churn> {
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", import.meta.filename!, `${port}`, `${clients}`, `${ms}`],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("the clients failed");
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function churn(port: number, clients: number, ms: number): Promise<Churn> {
  const waits: number[] = [];
  const startedMs = performance.now();
  const endMs = startedMs + ms;
  await Promise.all(Array.from({ length: clients }, async () => {
    while (performance.now() < endMs) {
      const began = performance.now();
      (await visit(port)).close();
      waits.push(performance.now() - began);
    }
  }));
  const seconds = (performance.now() - startedMs) / 1000;
  waits.sort((a, b) => a - b);
  const at = (share: number) => waits[Math.floor(waits.length * share)] ?? NaN;
  return { perSecond: waits.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** Connects, asks, and waits for the line. */
async function visit(port: number): Promise<Deno.Conn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(REQUEST);
  const buffer = new Uint8Array(64);
  for (let count = await conn.read(buffer); buffer[count! - 1] !== 10;) {
    if (count === null) throw new Error("the server closed the connection");
    count = await conn.read(buffer);
  }
  return conn;
}

if (import.meta.main) {
  const [port = 0, clients = 0, ms = 0] = Deno.args.map(Number);
  console.log(JSON.stringify(await churn(port, clients, ms)));
}
