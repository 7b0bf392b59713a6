import { assert, assertEquals } from "@std/assert";
import { type Conn, type Random, seededRandom } from "../../src/mod.ts";
import type { JobRequest } from "../../src/pool/mod.ts";
import type { StandInPool } from "../dispatch/stand_in_pool.ts";
import { talk } from "../dispatch/talk.ts";
import { judgeLine } from "./judge_line.ts";
import { BLOCK, failsOn, owedFor } from "./owed.ts";

/**
 * Limits so low that they are met often; an id, which has one of its own, is never that long. Half
 * of the clients may err as often as they like, or few would get to their last lines.
 */
function limitsOf({ seed }: Stream) {
  return {
    maxLineBytes: 1000,
    maxBatch: 8,
    maxProtocolErrors: seed % 2 === 0 ? 10 : Infinity,
    jobs: new Set(["fib", "echo"]),
  };
}

/** A conversation of so many turns of the event loop goes nowhere: each sends or ends something. */
const MOST_TURNS = 20_000;

/** A client's bytes, and the seed of all that is left to chance when they are sent. */
export interface Stream {
  readonly seed: number;
  readonly bytes: Uint8Array;
}

/**
 * Gives the lines of a stream to the parsers, and the stream to a conversation; throws where a law
 * does not hold, a reply is missing, wrong or too many, or where it does not end.
 */
export async function judgeStream(stream: Stream): Promise<void> {
  for (const line of new TextDecoder().decode(stream.bytes).split("\n")) judgeLine(line);
  const { text, rpc } = sortOut(await converse(stream));
  const owed = owedFor(stream.bytes, limitsOf(stream));
  assertEquals(rpc.toSorted(), owed.rpc.toSorted(), "each request has its one response");
  const isRight = text.length === owed.text.length && text.every((reply, i) => {
    const due = owed.text[i]!;
    return due.startsWith("Result: <") ? reply === due : reply.startsWith(due);
  });
  if (!isRight) assertEquals(text, owed.text, "each line has its one reply, in order");
}

/** Sends the bytes in pieces to a server whose jobs end at any time, and hears all that it says. */
async function converse(stream: Stream): Promise<string> {
  const random = seededRandom(stream.seed);
  const { maxBatch, maxLineBytes, maxProtocolErrors } = limitsOf(stream);
  const setting = {
    net: { capacity: 1 << (4 + random.below(13)) },
    dispatcher: { maxInFlight: maxBatch, maxProtocolErrors },
    connection: { maxLineBytes, maxPendingBytes: 1 << random.below(17) },
  };
  let heard = "";
  const thrown = await talk(setting, async ({ client: { conn }, pool, hasEnded }) => {
    const both = Promise.all([hear(conn), say(conn, stream.bytes, random)]);
    both.catch(() => {}); // where it does not end, its end is cut off
    for (let turns = 0; !hasEnded(); turns++) {
      assert(turns < MOST_TURNS, "the conversation does not end");
      endSome(pool, random);
      await turn();
    }
    [heard] = await both;
  });
  assertEquals(thrown, undefined, "the connection ends as it should");
  return heard;
}

async function say(conn: Conn, bytes: Uint8Array, random: Random): Promise<void> {
  const most = 1 << random.below(12);
  for (let sent = 0; sent < bytes.length;) {
    sent += await conn.write(bytes.subarray(sent, sent + 1 + random.below(most)));
    if (random.below(2) === 0) await turn();
  }
  await conn.closeWrite();
}

async function hear(conn: Conn): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const buffer = new Uint8Array(4096);
  let text = "";
  for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  return text + decoder.decode();
}

/** Lets some of the jobs that are under way say something, or end, in any order. */
function endSome(pool: StandInPool, random: Random): void {
  for (let some = random.below(4); some > 0 && pool.open.length > 0; some--) {
    const index = random.below(pool.open.length);
    const request = pool.open[index]!;
    if (random.below(8) === 0) request.progressed({ done: 1 });
    if (random.below(4) === 0 && mayGiveItems(request)) void request.item('"an item"');
    else end(pool, index, request);
  }
}

function mayGiveItems({ input }: JobRequest): boolean {
  return typeof input === "object" && "json" in input && input.streams === true;
}

function end(pool: StandInPool, index: number, { input }: JobRequest): void {
  if (typeof input === "object") return pool.settle(index, { kind: "done", result: '"a result"' });
  if (!failsOn(String(input))) return pool.finish(index);
  pool.settle(index, {
    kind: "failed",
    error: { name: "Error", message: "It fails on this" },
  });
}

/** The replies to text, blocks as one, and the ids of each line of responses. */
function sortOut(heard: string): { text: string[]; rpc: string[] } {
  const [text, rpc]: string[][] = [[], []];
  let isInBlock = false;
  const lines = heard.split("\n");
  assertEquals(lines.pop(), "", "the last line has an end");
  for (const line of lines) {
    if (isInBlock) isInBlock = line !== ".";
    else if (/^(Result: |Error: |PONG$|BYE$)/.test(line)) text!.push(line);
    else if (/^[{[]/.test(line)) rpc!.push(...idsOf(line));
    else {
      text!.push(BLOCK);
      isInBlock = true;
    }
  }
  assert(!isInBlock, "a block ends");
  return { text: text!, rpc: rpc! };
}

/** The ids of a line, if it is no notification. */
function idsOf(line: string): string[] {
  const messages: { id?: unknown; method?: string }[] = [JSON.parse(line)].flat();
  if (messages.some(({ method }) => method !== undefined)) return [];
  return [messages.map(({ id }) => JSON.stringify(id)).join()];
}

function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
