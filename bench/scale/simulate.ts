import TinyQueue from "tinyqueue";
import { HistogramRecorder, quantileMs } from "../../src/pool/stats/histogram.ts";

/** A machine that does not exist, and what is asked of it. Times are in microseconds. */
export interface Model {
  /** Threads that read and answer. Each has its share of the lanes and of the clients. */
  readonly acceptors: number;
  /** All lanes together; each has a core, and so has each acceptor. */
  readonly lanes: number;
  /** What a request costs an acceptor: one half when it comes, one when it is answered. */
  readonly ioUs: number;
  /** What a request costs a lane beside its job. */
  readonly laneUs: number;
  readonly jobUs: number;
  /** How many requests come a second, at random; all at once if it is infinite. */
  readonly perSecond: number;
}

/** What came of it. */
export interface Simulated {
  /** Replies a second. */
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** A request on its way, and when it is where. */
interface Visit {
  readonly atUs: number;
  readonly sentUs: number;
  readonly acceptor: number;
  readonly where: "arrival" | "lane" | "reply";
}

/**
 * Simulates so many requests. Each waits for its acceptor, then for the first lane of it that is
 * free, then for its acceptor again; all serve in the order of arrival. `random` gives numbers from
 * 0 to 1.
 */
export function simulate(model: Model, requests: number, random = Math.random): Simulated {
  const { acceptors, lanes, ioUs, laneUs, jobUs } = model;
  const ioFree = new Array<number>(acceptors).fill(0);
  const lanesFree = ioFree.map((_, i) => new Lanes(shareOf(lanes, acceptors, i)));
  const visits = new TinyQueue(arrivals(model, requests, random), (a, b) => a.atUs - b.atUs);
  const latency = new HistogramRecorder();
  for (let visit = visits.pop(); visit !== undefined; visit = visits.pop()) {
    const { atUs, acceptor, where, sentUs } = visit;
    if (where === "lane") {
      const endUs = lanesFree[acceptor]!.serve(atUs, laneUs + jobUs);
      visits.push({ ...visit, atUs: endUs, where: "reply" });
      continue;
    }
    const endUs = ioFree[acceptor] = Math.max(atUs, ioFree[acceptor]!) + ioUs / 2;
    if (where === "arrival") visits.push({ ...visit, atUs: endUs, where: "lane" });
    else latency.record((endUs - sentUs) / 1000);
  }
  const at = (share: number) => quantileMs(latency.snapshot(), share) * 1000;
  return { perSecond: requests / Math.max(...ioFree) * 1e6, p50Us: at(0.5), p99Us: at(0.99) };
}

function arrivals({ acceptors, perSecond }: Model, requests: number, random: () => number) {
  let atUs = 0;
  return Array.from({ length: requests }, (): Visit => {
    atUs += -Math.log(1 - random()) * 1e6 / perSecond;
    const acceptor = Math.floor(random() * acceptors);
    return { atUs, sentUs: atUs, acceptor, where: "arrival" };
  });
}

/** How many of all lanes an acceptor has: those that are left over go to the first ones. */
function shareOf(lanes: number, acceptors: number, acceptor: number): number {
  return Math.floor(lanes / acceptors) + (acceptor < lanes % acceptors ? 1 : 0);
}

/** Lanes that serve who comes first. */
class Lanes {
  /** When each is free, the soonest first. */
  readonly #free: TinyQueue<number>;

  constructor(count: number) {
    this.#free = new TinyQueue(new Array<number>(count).fill(0));
  }

  /** Returns when a job is done that comes at `atUs` and takes `us`. */
  serve(atUs: number, us: number): number {
    const endUs = Math.max(atUs, this.#free.pop()!) + us;
    this.#free.push(endUs);
    return endUs;
  }
}
