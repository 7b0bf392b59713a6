import { Cancelled, Observer, Switch, type SwitchOptions } from "../../src/switch/mod.ts";

/**
 * How somebody who waits can be cancelled: by any signal, by that of a switch, or not at all. In
 * `late` a wake-up comes later than the hand-over: what is done between must not touch it.
 */
export const LIFETIMES = ["foreign", "switch", "late", "endless"] as const;

/** One of {@linkcode LIFETIMES}. */
export type LifetimeKind = typeof LIFETIMES[number];

/** What somebody waits in. */
export interface Lifetime {
  /** What to hand to the operation that waits. */
  readonly options: { readonly signal?: AbortSignal };
  /** Whether `cancel` does anything. */
  readonly canCancel: boolean;
  cancel(): void;
  /** Ends it, when all is over. */
  close(): Promise<void>;
}

/** A lifetime of this kind. */
export function lifetimeOf(kind: LifetimeKind): Lifetime {
  switch (kind) {
    case "foreign":
      return foreignLifetime();
    case "switch":
      return switchLifetime({});
    case "late":
      return switchLifetime({ observer: lateObserver });
    case "endless":
      return { options: {}, canCancel: false, cancel() {}, close: () => Promise.resolve() };
  }
}

function foreignLifetime(): Lifetime {
  const controller = new AbortController();
  return {
    options: { signal: controller.signal },
    canCancel: true,
    cancel: () => controller.abort(),
    close: () => Promise.resolve(),
  };
}

const lateObserver = new Observer({ monotonic: () => 0 }, {
  defer: (wake) => void setImmediate(wake),
});

function switchLifetime(options: SwitchOptions): Lifetime {
  const end = Promise.withResolvers<void>();
  const [sw, run] = openSwitch(end.promise, options);
  return {
    options: { signal: sw.signal },
    canCancel: true,
    cancel: () => sw.fail(new Error("enough")),
    async close() {
      end.resolve();
      await run.catch(() => {});
    },
  };
}

/** A switch whose body ends with `end`, and its run. */
function openSwitch(end: Promise<void>, options: SwitchOptions): [sw: Switch, run: Promise<void>] {
  const opened: Switch[] = [];
  const run = Switch.run((sw) => {
    opened.push(sw);
    return end;
  }, options);
  return [opened[0]!, run]; // the body is run at once
}

/** How an operation stands: `"open"`, `"cancelled"`, `"failed"`, or what it came to. */
export class Watched {
  state = "open";

  constructor(promise: Promise<string>) {
    promise.then(
      (outcome) => this.#settle(outcome),
      (error) => this.#settle(error instanceof Cancelled ? "cancelled" : "failed"),
    );
  }

  #settle(outcome: string): void {
    if (this.state !== "open") throw new Error(`settled twice: ${this.state}, then ${outcome}`);
    this.state = outcome;
  }
}

/** The member that `index` means, whatever number that is. */
export function pick<T>(items: readonly T[], index: number): T | undefined {
  return items[index % items.length];
}
