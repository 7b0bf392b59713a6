import type { Defer, Switch } from "../switch/mod.ts";
import { SignalInbox } from "./signal_inbox.ts";
import type { CatchableSignal, SignalListener, Signals } from "./signals.ts";

/** Options for {@linkcode FakeSignals}. */
export interface FakeSignalsOptions {
  /**
   * Is given each delivery, and decides when it happens, so that a test can try other orders.
   * Without it they happen at once.
   */
  readonly defer?: Defer | undefined;
}

/**
 * Signals for tests, which are sent by the test.
 *
 * @example
 * ```ts
 * import { FakeSignals, Switch } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const signals = new FakeSignals();
 * assertEquals(signals.raise("SIGHUP"), false); // nobody listens: a real one would end the program
 * await Switch.run((sw) => {
 *   signals.on(sw, ["SIGHUP"]);
 *   assertEquals(signals.raise("SIGHUP"), true);
 * });
 * ```
 */
export class FakeSignals implements Signals {
  readonly #inboxes = new Map<CatchableSignal, Set<SignalInbox>>();
  readonly #defer: Defer;

  /** Make a machine whose signals nobody listens for yet. */
  constructor({ defer = (deliver) => deliver() }: FakeSignalsOptions = {}) {
    this.#defer = defer;
  }

  /** Listens for what {@linkcode FakeSignals.raise} sends, until `sw` ends. */
  on(sw: Switch, names: readonly CatchableSignal[]): SignalListener {
    sw.check();
    const inbox = new SignalInbox(sw);
    for (const name of names) {
      const inboxes = this.#inboxesOf(name).add(inbox);
      sw.onRelease(() => inboxes.delete(inbox));
    }
    return inbox;
  }

  /** Delivers a signal to those who listen for it. False where nobody does. */
  raise(name: CatchableSignal): boolean {
    const inboxes = this.#inboxesOf(name);
    for (const inbox of inboxes) this.#defer(() => inbox.deliver(name));
    return inboxes.size > 0;
  }

  #inboxesOf(name: CatchableSignal): Set<SignalInbox> {
    const inboxes = this.#inboxes.get(name) ?? new Set();
    this.#inboxes.set(name, inboxes);
    return inboxes;
  }
}
