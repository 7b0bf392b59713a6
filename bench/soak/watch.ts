import type { Server } from "../servers.ts";

/** What is seen of the server from outside. */
export interface Sample {
  /** Seconds since the start. */
  readonly at: number;
  /** The resident memory in MiB. */
  readonly rss: number;
  /** Threads that run JavaScript. */
  readonly threads: number;
}

/** Looks at the process of a server. */
export function sampleOf({ pid }: Server, startedMs: number): Sample {
  const kib = /VmRSS:\s+(\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1];
  return {
    at: (performance.now() - startedMs) / 1000,
    rss: Math.round(Number(kib) / 1024),
    threads: [...Deno.readDirSync(`/proc/${pid}/task`)].filter(({ name }) => isWorker(pid, name))
      .length,
  };
}

function isWorker(pid: number, thread: string): boolean {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/task/${thread}/comm`).startsWith("worker-");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false; // it has just ended
    throw error;
  }
}

/** What the server says of itself. */
export async function statsOf({ port }: Server): Promise<ReadonlyMap<string, number>> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode("STATS\n"));
  const buffer = new Uint8Array(65_536);
  const decoder = new TextDecoder();
  let text = "";
  while (!/^\.$/m.test(text)) {
    const count = await conn.read(buffer);
    if (count === null) throw new Error("STATS was not answered");
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  return new Map([...text.matchAll(/^(.+?): +(\d+)$/gm)].map(([, name, n]) => [name!, Number(n)]));
}

/** By how many MiB a minute the memory grows: the slope of the line through the samples. */
export function slopeOf(samples: readonly Sample[]): number {
  const mean = (pick: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + pick(sample), 0) / samples.length;
  const [x, y] = [mean(({ at }) => at), mean(({ rss }) => rss)];
  let [over, under] = [0, 0];
  for (const { at, rss } of samples) {
    over += (at - x) * (rss - y);
    under += (at - x) ** 2;
  }
  return under === 0 ? 0 : over / under * 60;
}
