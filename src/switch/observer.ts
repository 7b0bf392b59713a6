import type { SwitchEvent } from "./switch_event.ts";

/** Keeps a wake-up for later: it must be called once, from whatever turn of the event loop. */
export type Defer = (wake: () => void) => void;

/** Where an {@linkcode Observer} reads the time. A `Clock` is one. */
export interface ObserverClock {
  /** Milliseconds since some fixed moment. */
  monotonic(): number;
}

/** Options for an {@linkcode Observer}. */
export interface ObserverOptions {
  /**
   * Is given every wake-up of a fiber that waits on something of this library with a signal of the
   * tree, and decides when it happens: so that a test can try other orders. Without it they happen
   * at once.
   */
  readonly defer?: Defer;
}

/**
 * Watches a tree of switches. Hand it to `Switch.run`: all that runs below has it too, and
 * {@linkcode Switch.inspect} then knows ages, and which fiber waits for what. It changes nothing of
 * what the program does, and a tree without one pays nothing for it.
 *
 * A wait belongs to a fiber if the fiber waits with the signal that it was given; with the signal
 * of the switch, it belongs to the switch.
 *
 * @example
 * ```ts
 * import { FakeClock, Fiber, Observer, Switch } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new FakeClock();
 * await Switch.run((sw) => {
 *   sw.forkDaemon(function reaper(signal) {
 *     return clock.sleep(500, { signal });
 *   });
 *   clock.tick(20);
 *   const [reaper] = sw.inspect().daemons;
 *   assertEquals(reaper?.ageMs, 20);
 *   assertEquals(reaper?.waitsFor, ["sleep 500 ms"]);
 * }, { observer: new Observer(clock) });
 * ```
 */
export class Observer {
  /** The option of this name. */
  readonly defer: Defer | undefined;
  readonly #clock: ObserverClock;
  #lastId = 0;

  /** Make an observer that reads the time from `clock`. */
  constructor(clock: ObserverClock, { defer }: ObserverOptions = {}) {
    this.#clock = clock;
    this.defer = defer;
  }

  /** The time, in milliseconds. */
  now(): number {
    return this.#clock.monotonic();
  }

  /** A number that was not given before: for a switch, a fiber or a wait that begins. */
  nextId(): number {
    return ++this.#lastId;
  }

  /**
   * Is called at each event, and does nothing: override it to keep or to count them. It must not
   * wait and not throw.
   */
  record(_event: SwitchEvent): void {}
}
