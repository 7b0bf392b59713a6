/**
 * The least that a server of number lines can be: the job runs on the event loop, and the replies to
 * what was read go out in one write. A long job holds up everyone.
 *
 *     deno run -A bench/peers/inline_server.ts                        on any free port
 *     deno run -A --unstable-net bench/peers/inline_server.ts PORT    on one that several may share
 *
 * @module
 */

const NEWLINE = 10;
const MINUS = "-".charCodeAt(0);
const ZERO = "0".charCodeAt(0);

const encoder = new TextEncoder();

function fib(n: number): number {
  return n <= 1 ? n : fib(n - 1) + fib(n - 2);
}

async function serve(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(16_384);
  let rest = 0;
  for (;;) {
    const count = await conn.read(buffer.subarray(rest));
    if (count === null) break;
    const end = rest + count;
    const used = buffer.subarray(0, end).lastIndexOf(NEWLINE) + 1;
    if (used > 0) await write(conn, encoder.encode(repliesTo(buffer, used)));
    buffer.copyWithin(0, used, end);
    rest = end - used;
  }
  conn.close();
}

/** The replies to the lines that the first `end` bytes are. */
function repliesTo(bytes: Uint8Array, end: number): string {
  let replies = "";
  for (let at = 0; at < end;) {
    const isNegative = bytes[at] === MINUS;
    if (isNegative) at++;
    let n = 0;
    for (; bytes[at] !== NEWLINE; at++) n = n * 10 + bytes[at]! - ZERO;
    at++;
    replies += `Result: ${fib(isNegative ? -n : n)}\n`;
  }
  return replies;
}

async function write(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
}

const port = Number(Deno.args[0] ?? 0);
const listener = Deno.listen({ hostname: "127.0.0.1", port, reusePort: port !== 0 });
console.log(`listening ${listener.addr.port}`);
for await (const conn of listener) void serve(conn).catch(() => {});
