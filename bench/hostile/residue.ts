import { TextLineStream } from "@std/streams";
import type { Server } from "../servers.ts";
import type { Target } from "./bad_client.ts";

/** How long a server may take to come to rest, in milliseconds. */
const REST_MS = 30_000;

/** How often it is looked at, in milliseconds. */
const LOOK_MS = 250;

/** What a server says when all have gone, and what is seen of it. */
export interface Rest {
  readonly stats: ReadonlyMap<string, number>;
  /** What its file descriptors are. */
  readonly fds: readonly string[];
}

/** The memory of a server, in MiB. */
export interface Use {
  readonly rssMb: number;
  /** The most that it ever had. */
  readonly peakMb: number;
}

/** What must be nothing: but for who asks there is nobody, and nothing waits or runs. */
const IDLE = { connections: 1, queued: 0, "lanes busy": 0, "lanes starting": 0, "lanes stuck": 0 };

/** Waits until nothing is under way any more, as long as that may take, and tells what there is. */
export async function restOf(server: Server, target: Target, most = Infinity): Promise<Rest> {
  const untilMs = performance.now() + REST_MS;
  for (;;) {
    const rest = { stats: await statsOf(target), fds: fdsOf(server) };
    const isAtRest = rest.fds.length <= most && busyIn(rest).length === 0;
    if (isAtRest || performance.now() > untilMs) return rest;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** What is left that was not there before, in words; nothing where there is nothing. */
export function residueOf(before: Rest, after: Rest): string | undefined {
  const left = busyIn(after).map((key) => `${key}: ${after.stats.get(key)}`);
  if (after.fds.length > before.fds.length) {
    left.push(`file descriptors: ${newOnes(before.fds, after.fds).join(", ")}`);
  }
  return left.length === 0 ? undefined : left.join(", ");
}

/** What the kernel says of a server. */
export function useOf({ pid }: Server): Use {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const mb = (name: string) =>
    Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
  return { rssMb: mb("VmRSS"), peakMb: mb("VmHWM") };
}

function busyIn({ stats }: Rest): string[] {
  return Object.entries(IDLE).flatMap(([key, idle]) => stats.get(key) === idle ? [] : [key]);
}

/** What each leads to, less the numbers: a kind of socket, a device, a file. */
function fdsOf({ pid }: Server): string[] {
  const folder = `/proc/${pid}/fd`;
  return [...Deno.readDirSync(folder)].flatMap(({ name }) => {
    try {
      return [Deno.readLinkSync(`${folder}/${name}`).replace(/:\[\d+\]$/, "")];
    } catch {
      return []; // closed meanwhile
    }
  });
}

function newOnes(before: readonly string[], after: readonly string[]): string[] {
  const known = [...before];
  return after.filter((fd) => {
    const at = known.indexOf(fd);
    if (at >= 0) known.splice(at, 1);
    return at < 0;
  });
}

async function statsOf({ port, token }: Target): Promise<ReadonlyMap<string, number>> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const auth = token === undefined ? "" : `AUTH ${token}\n`;
  await conn.write(new TextEncoder().encode(`${auth}STATS\nQUIT\n`));
  const stats = new Map<string, number>();
  const text = conn.readable.pipeThrough(new TextDecoderStream());
  for await (const line of text.pipeThrough(new TextLineStream())) {
    const [, name, value] = /^(.+?): +(\d+)$/.exec(line) ?? [];
    if (name !== undefined) stats.set(name, Number(value));
  }
  return stats;
}
