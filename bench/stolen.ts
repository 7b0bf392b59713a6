/** Where the host gave others a larger share of its time, a turn is taken again. */
const MOST_STOLEN = 0.04;

/** How often it is taken at most, where nobody waits; then the least disturbed counts. */
const MAX_TRIES = 5;

/** How long to wait before looking again whether the host still gives its time to others. */
const PAUSE_MS = 5_000;

/** What a measurement needs to know of the host that has this machine as one of several. */
export interface Host {
  /** What share of the time of `work` it gave to others. */
  stolenDuring(work: () => Promise<void>): Promise<number>;
  /** Waits a little for a better time; false when it has waited for long enough. */
  waitForCalm(): Promise<boolean>;
}

/** The host of this machine, for which pauses are made of so many minutes in all. */
export function realHost(minutes: number): Host {
  let leftMs = minutes * 60_000;
  return {
    stolenDuring,
    async waitForCalm() {
      if (leftMs <= 0) return false;
      leftMs -= PAUSE_MS;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      return true;
    },
  };
}

/** What a turn has given, and what share of its time the host gave to others. */
export interface Taken<T> {
  readonly value: T;
  readonly stolen: number;
}

/** Takes turns at measuring, each of them again while the host disturbs it. */
export class CalmTurns {
  readonly #host: Host;
  #mostStolen = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  /** What to say of the most disturbed of the turns that count; empty where all were calm. */
  get remark(): string {
    return remarkOn(this.#mostStolen);
  }

  /** Takes a turn: the first that is not disturbed, or the one that was least. */
  async take<T>(turn: () => Promise<T>): Promise<Taken<T>> {
    const taken = await this.#leastDisturbed(turn);
    this.#mostStolen = Math.max(this.#mostStolen, taken.stolen);
    return taken;
  }

  async #leastDisturbed<T>(turn: () => Promise<T>): Promise<Taken<T>> {
    let best: Taken<T> | undefined;
    for (let tries = 1;; tries++) {
      let value: T;
      const stolen = await this.#host.stolenDuring(async () => void (value = await turn()));
      if (best === undefined || stolen < best.stolen) best = { value: value!, stolen };
      if (stolen <= MOST_STOLEN) return best;
      if (tries >= MAX_TRIES && !await this.#host.waitForCalm()) return best;
    }
  }
}

/** What to say of a turn that was disturbed; empty where it was calm. */
export function remarkOn(stolen: number): string {
  return stolen > MOST_STOLEN ? `host took ${(stolen * 100).toFixed(0)} %` : "";
}

/** The times of all cores since the machine has started, in ticks, as the kernel counts them. */
interface Ticks {
  readonly busy: number;
  readonly stolen: number;
}

/** Which columns of the kernel's line are time that was worked: user, nice, system, irq and softirq. */
const BUSY = [0, 1, 2, 5, 6];

/** The column of what was wanted, and given to other machines of the same host. */
const STOLEN = 7;

/**
 * What share of the time that this machine would have worked its host gave to other machines
 * meanwhile: `0` where it has the cores for itself, and where nobody can tell.
 */
async function stolenDuring(work: () => Promise<void>): Promise<number> {
  const before = await readTicks();
  await work();
  const after = await readTicks();
  const stolen = after.stolen - before.stolen;
  return stolen === 0 ? 0 : stolen / (stolen + after.busy - before.busy);
}

async function readTicks(): Promise<Ticks> {
  const line = (await readStat()).split("\n", 1)[0]!;
  const columns = line.split(/\s+/).slice(1).map(Number);
  const busy = BUSY.reduce((sum, column) => sum + (columns[column] ?? 0), 0);
  return { busy, stolen: columns[STOLEN] ?? 0 };
}

/** Linux has it; elsewhere there is nothing to read. */
async function readStat(): Promise<string> {
  try {
    return await Deno.readTextFile("/proc/stat");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
