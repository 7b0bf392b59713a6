import type { Clock } from "../env/mod.ts";
import { JOB_PRIORITIES, type JobPriority } from "../job/mod.ts";
import { Submitter } from "../pool/mod.ts";
import { RateLimiter } from "../sync/mod.ts";

/** What a principal may use at most, over all of its connections. What is left out has no limit. */
export interface PrincipalLimits {
  /** How many connections it may have. */
  readonly maxConnections?: number;

  /** How many of its requests may be under way; then its next lines wait. */
  readonly maxInFlight?: number;

  /** How many requests it may make a second in the long run; then its next lines wait. */
  readonly rate?: number;

  /**
   * How many requests it may make at once, when it was idle before.
   *
   * @default {as many as in a second}
   */
  readonly burst?: number;

  /** The highest priority that its requests can have. */
  readonly priority?: JobPriority;
}

/** Who may use a server, as its operator writes it. */
export interface PrincipalSpec extends PrincipalLimits {
  /** What it is called: in the log, in `STATS`, and as the common name of its certificate. */
  readonly name: string;

  /** The SHA-256 of each of its tokens, in hexadecimal digits: see {@linkcode hashToken}. */
  readonly tokens?: readonly string[];

  /**
   * The jobs that there are for it. The others it is not told of, and cannot run.
   *
   * @default {all}
   */
  readonly jobs?: readonly string[];
}

/** Who is at the other end of some connections, and what they use now. */
export class Principal {
  /** What it is called. */
  readonly name: string;

  /**
   * Who submits its requests: waiting requests are taken in turn from the principals, and within one
   * from its connections, each of which is a part.
   */
  readonly submitter: Submitter = new Submitter();

  readonly #clock: Clock;
  readonly #members = new Map<object, PrincipalMember>();
  readonly #waiting = new Set<() => void>();
  #spec: PrincipalSpec;
  #limiter: RateLimiter | undefined;
  #inFlight = 0;
  #total = 0;

  /** Make a principal that uses nothing yet. */
  constructor(spec: PrincipalSpec, clock: Clock) {
    this.name = spec.name;
    this.#clock = clock;
    this.#spec = spec;
    this.#limiter = limiterOf(spec, clock);
  }

  /** What the operator has written. */
  get spec(): PrincipalSpec {
    return this.#spec;
  }

  /** How many connections it has. */
  get connections(): number {
    return this.#members.size;
  }

  /** How many of its requests are under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** How many requests it has made. */
  get total(): number {
    return this.#total;
  }

  /** The place of the highest priority that its requests can have. */
  get rank(): number {
    return JOB_PRIORITIES.indexOf(this.#spec.priority ?? "high");
  }

  /** How often it may make a request; nothing where as often as it likes. */
  get limiter(): RateLimiter | undefined {
    return this.#limiter;
  }

  /** Whether so many of its requests are under way that the next must wait. */
  get isFull(): boolean {
    const { maxInFlight } = this.#spec;
    return maxInFlight !== undefined && this.#inFlight >= maxInFlight;
  }

  /** Takes a connection in, if it may have one more. Dispose of what comes back when it ends. */
  enter(member: PrincipalMember): Disposable | undefined {
    if (this.connections >= (this.#spec.maxConnections ?? Infinity)) return undefined;
    const key = {};
    this.#members.set(key, member);
    return {
      [Symbol.dispose]: () => {
        this.#members.delete(key);
        this.#waiting.delete(member.onRoom);
        this.passOn();
      },
    };
  }

  /** Counts a request that is under way from now on. */
  began(): void {
    this.#inFlight++;
    this.#total++;
  }

  /** Counts a request that has ended, and lets the next go on who waits for room. */
  ended(): void {
    this.#inFlight--;
    this.passOn();
  }

  /** Has the member called when there may be room: in the order of asking, and once. */
  awaitRoom({ onRoom }: PrincipalMember): void {
    this.#waiting.add(onRoom);
  }

  /** Lets the next go on who waits for room, if there is some: for who was let on and took none. */
  passOn(): void {
    if (this.isFull) return;
    for (const next of this.#waiting) {
      this.#waiting.delete(next);
      return next();
    }
  }

  /** Gives it other limits and jobs; what is under way goes on. */
  change(spec: PrincipalSpec): void {
    if (spec.rate !== this.#spec.rate || spec.burst !== this.#spec.burst) {
      this.#limiter = limiterOf(spec, this.#clock);
    }
    this.#spec = spec;
    for (const { onChange } of [...this.#members.values()]) onChange();
    this.passOn();
  }

  /** Ends its connections: it is no longer one. */
  revoke(): void {
    for (const { onRevoke } of [...this.#members.values()]) onRevoke();
  }
}

/** A connection of a principal, as that sees it. */
export interface PrincipalMember {
  /** There may be room for its next request. */
  onRoom(): void;
  /** The limits or jobs have changed. */
  onChange(): void;
  /** The principal is no longer one. */
  onRevoke(): void;
}

/** Connections take turns at the limiter one by one, so that no more wait than there are. */
function limiterOf({ rate, burst }: PrincipalSpec, clock: Clock): RateLimiter | undefined {
  if (rate === undefined) return undefined;
  const most = burst ?? Math.max(1, Math.ceil(rate));
  return new RateLimiter({ clock, perSecond: rate, burst: most, maxWaiting: 1_000_000 });
}
