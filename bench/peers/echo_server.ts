/**
 * The least that a server of lines can be: what comes is sent back as it came. No limits, no parsing,
 * no jobs. Connections of ours are measured beside it.
 *
 * @module
 */

async function serve(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(1024);
  try {
    for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
      for (let sent = 0; sent < count;) sent += await conn.write(buffer.subarray(sent, count));
    }
  } finally {
    conn.close();
  }
}

const listener = Deno.listen({ hostname: "127.0.0.1", port: Number(Deno.args[0] ?? 0) });
console.log(`listening ${listener.addr.port}`);
for await (const conn of listener) void serve(conn).catch(() => {});
