import type { Failures, Principal, Principals, PrincipalSpec } from "../access/mod.ts";
import type { Clock, Log } from "../env/mod.ts";
import type { Connection } from "../net/mod.ts";
import type { WorkerPool } from "../pool/mod.ts";
import type { Dialects, Stats } from "../protocol/mod.ts";
import { Link, List, onAbort, type Registration, type Switch } from "../switch/mod.ts";
import { RateLimiter } from "../sync/mod.ts";
import { Conversation } from "./conversation.ts";
import { Offer } from "./offer.ts";
import { OutcomeLog } from "./outcome_log.ts";
import { type Arrival, NOBODY } from "./caller.ts";
import { Lull } from "./lull.ts";
import type { Limits } from "./patience.ts";
import { Rota } from "./rota.ts";

/** What a {@linkcode Dispatcher} needs of a {@linkcode WorkerPool}. */
export type JobPool = Pick<WorkerPool, "jobs" | "enqueue" | "cancel" | "hasWorkFor">;

/** What a {@linkcode Dispatcher} works with. */
export interface DispatcherOptions {
  readonly pool: JobPool;
  readonly log: Log;
  /** Times delays, rates and waits. */
  readonly clock: Clock;
  /** Who may ask. With none of them, everybody may. */
  readonly principals: Principals;
  /** Who has failed to say who they are. */
  readonly failures: Failures;
  readonly dialects: Dialects;
  /** The job that a line with just a number goes to. */
  readonly defaultJob: string;
  /** The longest line, for the reply to a longer one. */
  readonly maxLineBytes: number;
  /** The longest line of a reply; one that is longer gives way to an error that says so. */
  readonly maxReplyBytes: number;
  /** After how many lines that cannot be read a connection is closed. */
  readonly maxProtocolErrors: number;
  /** How many requests of one connection may be under way before it is not read. */
  readonly maxInFlight: number;
  /** How many requests of one connection are taken a second; nothing for as many as come. */
  readonly rate?: number | undefined;
  /** How long a client may take to end a line, and to say who it is, in milliseconds. */
  readonly lineMs: number;
  /** How long a client may have nothing under way and say nothing; nothing for as long as it likes. */
  readonly idleMs?: number | undefined;
  /** Aborted when the server drains: what was asked for is answered, and nothing more is read. */
  readonly draining: AbortSignal;
  /** What `STATS` shows, of everything or of one job. */
  readonly stats: (job?: string) => Stats;
}

/** Turns lines into jobs and outcomes into replies. */
export class Dispatcher {
  readonly options: DispatcherOptions;
  /** How often each connection may ask; nothing where as often as it likes. */
  readonly limiter: RateLimiter<object> | undefined;
  /** How long clients are waited for. */
  readonly limits: Limits;
  /** Tells of jobs that were not done. */
  readonly outcomes: OutcomeLog;
  /** Whose turn it is, where several have much to be taken. */
  readonly rota: Rota;
  /** Rests while there is enough to do for all cores. */
  readonly lull: Lull;
  readonly #everything: Offer;
  readonly #offers = new WeakMap<PrincipalSpec, Offer>();
  readonly #drainers = new List<Drainer>();

  constructor(options: DispatcherOptions) {
    const { clock, rate, lineMs, idleMs = Infinity } = options;
    this.options = options;
    this.limits = { line: lineMs, name: lineMs, request: idleMs };
    this.outcomes = new OutcomeLog(options);
    this.rota = new Rota(clock);
    this.lull = new Lull(options.pool);
    this.#everything = new Offer(options);
    if (rate !== undefined) this.limiter = limiterOf(rate, clock);
    onAbort(options.draining, () => [...this.#drainers].forEach(({ drain }) => drain()));
  }

  /**
   * Answers a connection until it has no more requests, then ends it. Every line gets its one
   * reply, in the order of the lines. When `sw` is cancelled, so are the connection's jobs, and
   * this returns when the last of them has stopped (law 7).
   */
  serve(sw: Switch, connection: Connection, arrival: Arrival = NOBODY): Promise<void> {
    return new Conversation(this, sw, connection, arrival).hold();
  }

  /**
   * Calls `fn` when the server drains, at once where it does already. One listener serves all
   * connections: to add one to a signal takes a look at all that it has.
   */
  onDrain(fn: () => void): Registration {
    const drainer = new Drainer(fn);
    if (this.options.draining.aborted) fn();
    else this.#drainers.push(drainer);
    return drainer;
  }

  /** The jobs that there are for a principal, or for one who is none. */
  offerTo(principal: Principal | undefined): Offer {
    if (principal?.spec.jobs === undefined) return this.#everything;
    const { spec } = principal;
    const offer = this.#offers.get(spec) ?? new Offer(this.options, spec.jobs);
    this.#offers.set(spec, offer);
    return offer;
  }
}

/**
 * Someone to be told of a drain. Links and not a `Set`: the tables that a `Set` outgrows lead from one
 * to the next, so that the first of them to be old keeps half of all connections after it alive, until
 * all of the heap is looked at.
 */
class Drainer extends Link {
  constructor(readonly drain: () => void) {
    super();
  }
}

function limiterOf(rate: number, clock: Clock): RateLimiter<object> {
  const burst = Math.max(1, Math.ceil(rate));
  return new RateLimiter({ clock, perSecond: rate, burst, maxWaiting: Number.MAX_SAFE_INTEGER });
}
