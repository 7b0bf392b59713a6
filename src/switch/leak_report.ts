import type { Registration } from "./list.ts";
import type { SwitchInfo } from "./switch_info.ts";
import { formatTree } from "./switch_tree.ts";

/** What a report of leaks needs: a clock to wait on, a log to write to, and how long is too long. */
export interface LeakOptions {
  /** Where the wait is. A `Clock` is one. */
  readonly clock: { setTimer(ms: number, fn: () => void): { cancel(): void } };

  /** Where the report goes. A `Log` is one. */
  readonly log: {
    warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  };

  /** How long a switch may take to end, in milliseconds, once it was cancelled or its body ended. */
  readonly afterMs: number;
}

/** The part of a switch that the watch looks at. */
interface Watched {
  readonly name: string;
  inspect(): SwitchInfo;
  onCancel(fn: () => void): Registration;
}

/** Waits for one switch to end, and reports once what keeps it when that takes too long. */
export class LeakWatch {
  readonly #sw: Watched;
  readonly #options: LeakOptions;
  readonly #onCancel: Registration;
  #timer: { cancel(): void } | undefined = undefined;

  constructor(sw: Watched, options: LeakOptions) {
    this.#sw = sw;
    this.#options = options;
    this.#onCancel = sw.onCancel(() => this.#begin("it was cancelled"));
  }

  bodyEnded(): void {
    this.#begin("its body ended");
  }

  finished(): void {
    this.#onCancel.remove();
    this.#timer?.cancel();
  }

  #begin(since: string): void {
    const { clock, afterMs } = this.#options;
    this.#timer ??= clock.setTimer(afterMs, () => this.#report(since));
  }

  #report(since: string): void {
    const { log, afterMs } = this.#options;
    const info = this.#sw.inspect();
    const title = info.name === "" ? "A switch" : `Switch ${JSON.stringify(info.name)}`;
    log.warn(`${title} has not ended ${afterMs} ms after ${since}`, {
      waitsFor: waitsOf(info),
      tree: formatTree(info),
    });
  }
}

/** What keeps a switch from ending, itself first, then what is below. */
function waitsOf({ waitsFor, fibers, daemons, children }: SwitchInfo): string[] {
  const ofFibers = [...fibers, ...daemons].map(({ name, kind, waitsFor }) => {
    const fiber = name === "" ? `a ${kind}` : `${kind} ${name}`;
    return waitsFor.length === 0 ? fiber : `${fiber}: ${waitsFor.join(", ")}`;
  });
  const ofChildren = children.flatMap((child) => [
    `switch${child.name === "" ? "" : ` ${child.name}`}`,
    ...waitsOf(child),
  ]);
  return [...waitsFor, ...ofFibers, ...ofChildren];
}
