import type { PrincipalMember } from "../access/mod.ts";
import type { Arrival, Caller } from "./caller.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { Pace, rateOf } from "./pace.ts";
import { type Refusal, revoked, tooLateToSay } from "./refusals.ts";

/** A client that was denied so often on one connection is let go. */
const MOST_DENIALS = 5;

/** Those who are told what becomes of a client's admission. */
export interface AdmissionOwner {
  /** A line may perhaps be taken that could not be before. */
  wake(): void;
  /** Nobody listens to the client any more, for this reason if there is one to tell. */
  finish(refusal?: Refusal): void;
}

/** Who a client is, whether its lines may be taken, and how fast. */
export class Admission implements Disposable {
  readonly #dispatcher: Dispatcher;
  readonly #caller: Caller;
  readonly #owner: AdmissionOwner;
  #pace: Pace | undefined = undefined;
  #denials = 0;

  constructor(dispatcher: Dispatcher, caller: Caller, owner: AdmissionOwner) {
    this.#dispatcher = dispatcher;
    this.#caller = caller;
    this.#owner = owner;
  }

  /** Lets in whom a certificate names. */
  identify({ identity }: Arrival): void {
    const refusal = identity === undefined ? undefined : this.#caller.identify(identity);
    if (refusal !== undefined) this.#owner.finish(refusal);
    this.#setPace();
  }

  /** Lets in by a token; `answer` is called with why not, perhaps later. */
  authenticate(
    token: string,
    hasJobs: boolean,
    answer: (refusal: Refusal | undefined) => void,
  ): void {
    // What began as nobody's must not end as somebody's.
    if (hasJobs && this.#caller.principal === undefined) return answer(tooLateToSay());
    this.#caller.authenticate(token, (refusal) => {
      answer(refusal);
      if (refusal === undefined) this.#setPace();
      else if (refusal.code !== "INVALID" && ++this.#denials >= MOST_DENIALS) this.#owner.finish();
      this.#owner.wake();
    });
  }

  /** Whether lines have no rate. */
  get takesAny(): boolean {
    return this.#pace === undefined;
  }

  /** Whether the next line may be taken now, as far as rates go; if not, the owner is woken. */
  takeTurn(): boolean {
    return this.#pace === undefined || this.#pace.take();
  }

  /** Counts what a line held beyond its one request. */
  owe(requests: number): void {
    this.#pace?.owe(requests);
  }

  /** What a principal tells its connections. */
  member(): PrincipalMember {
    return {
      onRoom: () => this.#owner.wake(),
      onChange: () => {
        this.#caller.update();
        this.#setPace();
      },
      onRevoke: () => this.#owner.finish(revoked()),
    };
  }

  [Symbol.dispose](): void {
    this.#pace?.[Symbol.dispose]();
  }

  #setPace(): void {
    const { limiter } = this.#dispatcher;
    const { principal } = this.#caller;
    this.#pace?.[Symbol.dispose]();
    this.#pace = undefined;
    if (limiter === undefined && principal?.limiter === undefined) return;
    const rates = [
      ...(limiter === undefined ? [] : [rateOf(limiter, this)]),
      ...(principal?.limiter === undefined ? [] : [rateOf(principal.limiter, principal.name)]),
    ];
    this.#pace = new Pace(rates, () => this.#owner.wake());
  }
}
