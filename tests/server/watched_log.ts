import type { Log } from "../../src/env/mod.ts";
import { recordLog } from "../../src/env/line_log.ts";
import { logFormats, type LogRecord } from "../../src/env/log_format.ts";

/** A log that keeps what is written to it, and that can be waited on. */
export class WatchedLog {
  readonly records: LogRecord[] = [];
  readonly log: Log = recordLog((record) => this.#add(record), () => 0);
  readonly #waiters = new Set<(record: LogRecord) => void>();

  /** The records as lines of the text format, oldest first. */
  get lines(): string[] {
    return this.records.map((record) => logFormats.text(record, false));
  }

  /** Resolves to the first record, written before or from now on, that `matches`. */
  until(matches: (record: LogRecord) => boolean): Promise<LogRecord> {
    const record = this.records.find(matches);
    if (record !== undefined) return Promise.resolve(record);
    return new Promise((resolve) => {
      const waiter = (record: LogRecord) => {
        if (!matches(record)) return;
        this.#waiters.delete(waiter);
        resolve(record);
      };
      this.#waiters.add(waiter);
    });
  }

  /** Resolves to the first record about a job of this client. */
  untilJob(client: { readonly name: string }): Promise<LogRecord> {
    return this.until(({ fields }) => fields.remote === client.name && fields.job !== undefined);
  }

  #add(record: LogRecord): void {
    this.records.push(record);
    for (const waiter of [...this.#waiters]) waiter(record);
  }
}
