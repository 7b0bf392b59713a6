import { ITEM_WINDOW } from "../../src/pool/link/mod.ts";
import type { Waits } from "./waits.ts";

/** The items of one run on their way to their reader: so many, and then the job waits for it. */
export class ItemSender {
  readonly #waits: Waits;
  readonly #send: (item: unknown) => void;
  #credit = ITEM_WINDOW;
  #wait: PromiseWithResolvers<void> | undefined;

  constructor(waits: Waits, send: (item: unknown) => void) {
    this.#waits = waits;
    this.#send = send;
  }

  /** Sends an item, and waits until there is room for the next: a promise only where it must. */
  send(item: unknown): Promise<void> | undefined {
    this.#send(item);
    if (--this.#credit > 0) return undefined;
    this.#wait = this.#waits.begin();
    return this.#wait.promise;
  }

  /** So many were taken. */
  taken(items: number): void {
    this.#credit += items;
    if (this.#credit <= 0) return;
    this.#wait?.resolve();
    this.#wait = undefined;
  }
}
