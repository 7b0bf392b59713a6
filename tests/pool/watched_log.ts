import { FakeLog, type LogFields } from "../../src/env/mod.ts";

/** A log whose warnings can be waited for. */
export class WatchedLog extends FakeLog {
  #waiting: PromiseWithResolvers<LogFields>[] = [];

  /** Resolves with the fields of the next warning. */
  nextWarning(): Promise<LogFields> {
    const next = Promise.withResolvers<LogFields>();
    this.#waiting.push(next);
    return next.promise;
  }

  override warn(message: string, fields: LogFields = {}): void {
    super.warn(message, fields);
    this.#waiting.splice(0).forEach((next) => next.resolve(fields));
  }
}
