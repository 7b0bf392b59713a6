/**
 * The load generator, a program of its own: it reads orders, a line of JSON each, and answers each
 * with what came of it. A server is measured from outside, by something that costs less than it.
 *
 *     deno run -A bench/load/main.ts
 *
 * @module
 */

import { TextLineStream } from "@std/streams";
import { Client } from "./client.ts";
import type { LoadResult } from "./plan.ts";
import type { Answer, Order } from "./generator.ts";
import { runPlan } from "./run_plan.ts";
import { Script } from "./script.ts";
import { Tally } from "./tally.ts";

const held: Client[] = [];

/** Does what an order says. */
function obey(order: Order): LoadResult | null {
  switch (order.kind) {
    case "run":
      return runPlan(order.plan);
    case "hold":
      hold(order);
      return null;
    case "release":
      for (const client of held.splice(0)) client[Symbol.dispose]();
      return null;
  }
}

/** Connects clients that ask one thing each, and then stay and say nothing. */
function hold({ port, connections, script }: Order & { readonly kind: "hold" }): void {
  const same = new Script(script);
  for (let i = 0; i < connections; i++) {
    const client = new Client(port, same, new Tally());
    held.push(client);
    client.send(1, 0);
    while (client.receive() === 0);
  }
}

function answerTo(order: Order): Answer {
  try {
    return { result: obey(order) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

const lines = Deno.stdin.readable
  .pipeThrough(new TextDecoderStream())
  .pipeThrough(new TextLineStream());
for await (const line of lines) console.log(JSON.stringify(answerTo(JSON.parse(line))));
