import { type CallAnswer, MAX_CALLS, reviveError } from "../../src/pool/link/mod.ts";
import type { Waits } from "./waits.ts";

/** The calls of one run to the services of the server: so many at once, the others in their turn. */
export class Caller {
  readonly #waits: Waits;
  readonly #send: (call: number, name: string, args: readonly unknown[]) => void;
  readonly #underWay = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #turns: PromiseWithResolvers<void>[] = [];
  #last = 0;

  constructor(
    waits: Waits,
    send: (call: number, name: string, args: readonly unknown[]) => void,
  ) {
    this.#waits = waits;
    this.#send = send;
  }

  /** Calls a service, and waits for its answer. */
  async call(name: string, args: readonly unknown[]): Promise<unknown> {
    while (this.#underWay.size >= MAX_CALLS) await this.#turn();
    const id = ++this.#last;
    const answer = this.#waits.begin<unknown>();
    this.#underWay.set(id, answer);
    try {
      this.#send(id, name, args);
      return await answer.promise;
    } finally {
      this.#underWay.delete(id);
      this.#turns.shift()?.resolve();
    }
  }

  /** The answer to a call has come. */
  receive(call: number, answer: CallAnswer): void {
    const waiting = this.#underWay.get(call);
    if ("error" in answer) waiting?.reject(reviveError(answer.error));
    else waiting?.resolve(answer.value);
  }

  #turn(): Promise<void> {
    const turn = this.#waits.begin<void>();
    this.#turns.push(turn);
    return turn.promise;
  }
}
