import { Cancelled, onAbort, type Switch } from "../switch/mod.ts";
import type { DirWatcher, NextChangeOptions } from "./dir.ts";

/** Keeps what has changed until somebody asks. As names are kept once, a storm takes no memory. */
export class DirChanges implements DirWatcher {
  readonly #paths = new Set<string>();
  #wake: (() => void) | undefined;
  #ended: Cancelled | undefined;

  /** Make a list of changes that ends with `sw`. */
  constructor(sw: Switch) {
    const end = (reason: Cancelled) => {
      this.#ended ??= reason;
      this.#wake?.();
    };
    sw.onCancel(end);
    sw.onRelease(() => end(new Cancelled("the switch of the watcher has ended")));
  }

  /** Takes a change in. */
  add(path: string): void {
    this.#paths.add(path);
    this.#wake?.();
  }

  async next({ signal }: NextChangeOptions = {}): Promise<readonly string[]> {
    let given: Cancelled | undefined;
    const abort = signal && onAbort(signal, (reason) => {
      given = reason;
      this.#wake?.();
    }, "a change of files");
    try {
      while (this.#paths.size === 0) {
        const reason = given ?? this.#ended;
        if (reason !== undefined) throw reason;
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
      return this.#take();
    } finally {
      abort?.remove();
    }
  }

  #take(): string[] {
    const paths = [...this.#paths].sort();
    this.#paths.clear();
    return paths;
  }
}
