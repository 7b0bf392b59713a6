// @ts-check
/**
 * A server of number lines over a rival's pool, as one writes it on Node: a line, a job of the pool;
 * its result, a write. Replies come in the order of the requests.
 *
 *     node line_server.js piscina 2
 *
 * @module
 */

import { createServer } from "node:net";
import process from "node:process";

const [library = "", workers = "2"] = process.argv.slice(2);
/** @type {{ open(shape: import("./rival.d.ts").PoolShape): import("./rival.d.ts").Rival }} */
const { open } = await import(`./${library}.js`);
const pool = open({ workers: Number(workers) });

/** @param {import("node:net").Socket} socket */
function serve(socket) {
  let rest = "";
  let replies = Promise.resolve();
  socket.setEncoding("latin1");
  socket.on("data", (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const result = pool.run("fib", Number(line));
      replies = replies.then(async () => void socket.write(`Result: ${await result}\n`));
    }
  });
  socket.on("end", () => void replies.then(() => socket.end()));
  socket.on("error", () => {});
}

const server = createServer({ noDelay: true, allowHalfOpen: true }, serve);
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") console.log(`listening ${address.port}`);
});
