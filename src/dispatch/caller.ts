import { peerOf, type Principal, type PrincipalMember } from "../access/mod.ts";
import { type Address, formatAddress, type Timer } from "../env/mod.ts";
import { type JobRequest, Submitter } from "../pool/mod.ts";
import type { Stats } from "../protocol/mod.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Offer } from "./offer.ts";
import { type Refusal, refusal } from "./refusals.ts";

/** What is known of a client before it says anything. */
export interface Arrival {
  /** Who its certificate says it is. */
  readonly identity?: string | undefined;
  /** Whether it had to be let in to come this far: by the mode of a Unix socket's file. */
  readonly isTrusted: boolean;
}

/** A client of whom nothing is known. */
export const NOBODY: Arrival = { isTrusted: false };

/** Who is at the other end of a connection, as far as is known, and what there is for them. */
export class Caller implements Disposable {
  /** The jobs that there are for it. */
  offer: Offer;

  /** Whose requests they are, if it has said so. */
  principal: Principal | undefined;

  /** Whether it waits for the answer to a wrong token: nothing else is heard of it meanwhile. */
  isHeld = false;

  readonly #dispatcher: Dispatcher;
  readonly #remote: Address;
  readonly #makeMember: () => PrincipalMember;
  readonly #isTrusted: boolean;
  #member: PrincipalMember | undefined;
  #submitter: Submitter | undefined;
  #place: Disposable | undefined;
  #delay: Timer | undefined;
  #rank = 0;

  constructor(
    dispatcher: Dispatcher,
    remote: Address,
    makeMember: () => PrincipalMember,
    { isTrusted }: Arrival,
  ) {
    this.#dispatcher = dispatcher;
    this.#remote = remote;
    this.#makeMember = makeMember;
    this.#isTrusted = isTrusted;
    this.offer = dispatcher.offerTo(undefined);
  }

  /** Whether it may ask for anything: worked out anew, as a reload may bring the first principals. */
  get isAdmitted(): boolean {
    return this.principal !== undefined || this.#isTrusted ||
      this.#dispatcher.options.principals.size === 0;
  }

  /**
   * Who submits its requests: a part of its principal, so that its connections do not wait for each
   * other's long jobs; or one of its own, where nobody asks who it is.
   */
  get submitter(): Submitter {
    return this.#submitter ??= new Submitter();
  }

  /** Whether its next request must wait: for the others of its principal, or for an answer. */
  get isFull(): boolean {
    return this.isHeld || this.principal !== undefined && this.principal.isFull;
  }

  /** How many of its requests may be under way. */
  get maxInFlight(): number {
    const { maxInFlight } = this.#dispatcher.options;
    return Math.min(this.principal?.spec.maxInFlight ?? maxInFlight, maxInFlight);
  }

  /** The principal that its certificate names lets it in; why not, where that has too many. */
  identify(name: string): Refusal | undefined {
    const principal = this.#dispatcher.options.principals.named(name);
    return principal === undefined ? undefined : this.#enter(principal);
  }

  /**
   * Lets it in by a token. `answer` is called with why not: at once, but for a wrong token, whose
   * answer is the later the more often this peer was wrong.
   */
  authenticate(token: string, answer: (refusal: Refusal | undefined) => void): void {
    const { principals } = this.#dispatcher.options;
    if (this.principal !== undefined || principals.size === 0 || this.isHeld) {
      return answer(this.#needless());
    }
    const principal = principals.withToken(token);
    if (principal !== undefined) return answer(this.#enter(principal));
    this.#punish(answer);
  }

  /** Has it called when there is room for its next line; without one it leaves the room to others. */
  queue(hasLine: boolean): void {
    if (this.principal === undefined) return;
    if (!this.principal.isFull) this.principal.passOn();
    else if (hasLine) this.principal.awaitRoom(this.#member!);
  }

  /** Counts a request that is under way from now on, and sees that it is not too urgent. */
  began(request: JobRequest): void {
    if (this.principal === undefined) return;
    this.principal.began();
    if (request.rank < this.#rank) request.rank = this.#rank;
  }

  /** Counts a request that has ended. */
  ended(): void {
    if (this.principal !== undefined) this.principal.ended();
  }

  /** Takes what its principal says now. */
  update(): void {
    this.offer = this.#dispatcher.offerTo(this.principal);
    this.#rank = this.principal?.rank ?? 0;
  }

  /** What `STATS` says of who asks, and, to who is told of everything, of the others. */
  rows(): Stats {
    const { principals, failures } = this.#dispatcher.options;
    if (principals.size === 0) return {};
    const you = this.principal === undefined ? {} : { "you are": this.principal.name };
    if (this.offer.isPart) return { ...you, ...rowsOf("you", this.principal!) };
    const all = [...principals].map((principal) => rowsOf(principal.name, principal));
    return Object.assign(you, ...all, { "failed authentications": failures.total });
  }

  /** It has left. */
  [Symbol.dispose](): void {
    this.#delay?.cancel();
    this.#place?.[Symbol.dispose]();
  }

  #enter(principal: Principal): Refusal | undefined {
    this.#member = this.#makeMember();
    this.#place = principal.enter(this.#member);
    if (this.#place === undefined) return tooMany(principal);
    this.principal = principal;
    this.#submitter = principal.submitter.part();
    this.update();
    const fields = { remote: formatAddress(this.#remote), principal: principal.name };
    this.#dispatcher.options.log.debug("client authenticated", fields);
    return undefined;
  }

  #punish(answer: (refusal: Refusal) => void): void {
    const { clock, failures, log } = this.#dispatcher.options;
    const delayMs = failures.add(peerOf(this.#remote));
    log.warn("authentication failed", { remote: formatAddress(this.#remote), delayMs });
    this.isHeld = true;
    this.#delay = clock.setTimer(delayMs, () => {
      this.isHeld = false;
      answer(refusal("DENIED", "Cannot authenticate: nobody here has that token"));
    });
  }

  #needless(): Refusal {
    const why = this.isHeld
      ? "another attempt is not answered yet"
      : this.principal === undefined
      ? "this server asks nobody who they are"
      : `this connection is "${this.principal.name}"'s already`;
    return refusal("INVALID", `Cannot authenticate: ${why}`);
  }
}

function tooMany({ name, connections }: Principal): Refusal {
  const limit = `"${name}" has ${connections} connections, which is the limit`;
  return refusal("BUSY", `Cannot let you in: ${limit}. Close one, or try again later`);
}

function rowsOf(title: string, { connections, inFlight, total }: Principal): Stats {
  return {
    [`${title}: connections`]: connections,
    [`${title}: requests under way`]: inFlight,
    [`${title}: requests so far`]: total,
  };
}
