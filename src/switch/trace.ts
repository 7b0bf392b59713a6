import { type ChromeTrace, chromeTraceOf } from "./chrome_trace.ts";
import { Observer, type ObserverClock, type ObserverOptions } from "./observer.ts";
import type { SwitchEvent } from "./switch_event.ts";

/** Options for a {@linkcode Trace}. */
export interface TraceOptions extends ObserverOptions {
  /**
   * How many events it keeps: the last ones.
   *
   * @default {10000}
   */
  readonly capacity?: number;
}

/**
 * An {@linkcode Observer} that keeps the last events of a tree of switches: which fibers started,
 * waited, were cancelled by whom, and ended. Several trees may share one. What eio-trace is to Eio.
 *
 * @example
 * ```ts
 * import { FakeClock, Switch, Trace } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const trace = new Trace(new FakeClock());
 * await Switch.run((sw) => sw.fork(function reader() {}), { name: "main", observer: trace });
 * const seen = trace.events.map(({ kind, name }) => `${kind} ${name}`);
 * assertEquals(seen, ["open main", "fork reader", "end reader", "end main"]);
 * JSON.stringify(trace.toChromeTrace()); // a file for Perfetto
 * ```
 */
export class Trace extends Observer {
  /** How many events it keeps. */
  readonly capacity: number;
  readonly #ring: SwitchEvent[] = [];
  #count = 0;

  /** Make a trace without events, whose times are those of `clock`. */
  constructor(clock: ObserverClock, { capacity = 10_000, ...options }: TraceOptions = {}) {
    super(clock, options);
    if (!Number.isSafeInteger(capacity) || capacity < 1) {
      throw new RangeError(
        `Cannot make a trace: capacity must be a whole number above 0, got ${capacity}`,
      );
    }
    this.capacity = capacity;
  }

  /** What it keeps, oldest first. */
  get events(): SwitchEvent[] {
    const oldest = this.#count % this.capacity;
    if (this.#count <= this.capacity) return [...this.#ring];
    return [...this.#ring.slice(oldest), ...this.#ring.slice(0, oldest)];
  }

  /** How many events were overwritten by younger ones. */
  get dropped(): number {
    return Math.max(this.#count - this.capacity, 0);
  }

  /** Keeps an event. */
  override record(event: SwitchEvent): void {
    this.#ring[this.#count++ % this.capacity] = event;
  }

  /**
   * The events in the format of Chrome's tracing, which https://ui.perfetto.dev opens: a track for
   * each switch and fiber, and arrows from who began a cancellation to what it reached.
   */
  toChromeTrace(): ChromeTrace {
    return chromeTraceOf(this.events);
  }
}
