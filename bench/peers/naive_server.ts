/**
 * The design that one writes first: a line, a `postMessage`; a message back, a `write`. Two Web
 * Workers in turn, no batches, no limits, no deadlines, no way to stop a job. It is what ours is
 * measured beside.
 *
 *     deno run -A bench/peers/naive_server.ts          the job in TypeScript
 *     deno run -A bench/peers/naive_server.ts wasm     the job in WebAssembly, as ours has it
 *
 * @module
 */

const [kind] = Deno.args;
const file = new URL(kind === "wasm" ? "naive_wasm_worker.ts" : "naive_worker.ts", import.meta.url);
const workers = Array.from({ length: navigator.hardwareConcurrency }, () => {
  return new Worker(file, { type: "module" });
});
const waiting = new Map<number, (result: number) => void>();
let lastId = 0;

for (const worker of workers) {
  worker.onmessage = ({ data }: MessageEvent<{ id: number; result: number }>) => {
    waiting.get(data.id)?.(data.result);
    waiting.delete(data.id);
  };
}

function compute(n: number): Promise<number> {
  const id = ++lastId;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    workers[id % workers.length]!.postMessage({ id, n });
  });
}

async function serve(conn: Deno.Conn): Promise<void> {
  const encoder = new TextEncoder();
  let replies = Promise.resolve();
  let rest = "";
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(16_384);
  for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
    const lines = (rest + decoder.decode(buffer.subarray(0, count), { stream: true })).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const result = compute(Number(line));
      replies = replies.then(async () => {
        await conn.write(encoder.encode(`Result: ${await result}\n`));
      });
    }
  }
  await replies;
  conn.close();
}

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
await Promise.all([compute(1), compute(1)]);
console.log(`listening ${listener.addr.port}`);
for await (const conn of listener) void serve(conn).catch(() => {});
