import { type Cancelled, type JobLog, received, Transferred } from "../../src/job/mod.ts";
import { type FromRun, reviveError, type ToRun } from "../../src/pool/link/mod.ts";
import { Caller } from "./caller.ts";
import { ChunkReader } from "./chunk_reader.ts";
import { ItemSender } from "./item_sender.ts";
import { jobLogger } from "./job_logger.ts";
import { ProgressReport } from "./progress_report.ts";
import { Waits } from "./waits.ts";

/** What the talk of a run needs of its lane. */
export interface TalkHost {
  /** Sends a message to the pool. Throws where it cannot be sent. */
  post(message: FromRun, transfer?: readonly Transferable[]): void;
  readonly clock: {
    monotonic(): number;
    setTimer(ms: number, fn: () => void): { cancel(): void };
  };
}

/** What one run says to the pool while it runs, and hears of it. Most runs never have one. */
export class RunTalk {
  readonly log: JobLog;
  /** The input, where it comes chunk by chunk. */
  readonly chunks: ChunkReader;
  readonly #seq: number;
  readonly #host: TalkHost;
  readonly #waits = new Waits();
  readonly #progress: ProgressReport;
  readonly #items: ItemSender;
  readonly #caller: Caller;
  #isOver = false;

  constructor(seq: number, host: TalkHost) {
    this.#seq = seq;
    this.#host = host;
    this.log = jobLogger((level, message, fields) =>
      this.#post({ type: "log", seq, level, message, fields })
    );
    this.#progress = new ProgressReport(
      host.clock,
      (progress) => this.#post({ type: "progress", seq, progress }),
    );
    this.#items = new ItemSender(this.#waits, (item) => this.#sendItem(item));
    this.chunks = new ChunkReader(
      this.#waits,
      (chunks) => this.#post({ type: "want", seq, chunks }),
    );
    this.#caller = new Caller(
      this.#waits,
      (call, name, args) => this.#post({ type: "call", seq, call, name, args }),
    );
  }

  // Fields, not methods: jobs take them out of the context by destructuring.
  readonly progress = (done: number, total?: number, note?: string): void => {
    if (!this.#isOver) this.#progress.tell(done, total, note);
  };

  readonly call = (name: string, ...args: readonly unknown[]): Promise<unknown> =>
    this.#caller.call(name, args);

  /** Sends an item, and waits until there is room for the next. */
  sendItem(item: unknown): Promise<void> | undefined {
    return this.#items.send(item);
  }

  /** Hears the pool. */
  receive(message: ToRun): void {
    switch (message.type) {
      case "credit":
        return this.#items.taken(message.items);
      case "chunk":
        return this.chunks.receive(message.chunk);
      case "chunks-end":
        return this.chunks.end(message.error && reviveError(message.error));
      case "answer":
        return this.#caller.receive(message.call, message.answer);
    }
  }

  /** Ends all that the run waits for here, as it is asked to stop. */
  stop(reason: Cancelled): void {
    this.#waits.stop(reason);
  }

  /** The run is over: its last progress is sent, and what its code says from now on is dropped. */
  end(): void {
    this.#progress.flush();
    this.#isOver = true;
  }

  #sendItem(item: unknown): void {
    const buffers = item instanceof Transferred ? item.buffers : undefined;
    this.#post({ type: "item", seq: this.#seq, item: received(item) }, buffers);
  }

  #post(message: FromRun, transfer?: readonly Transferable[]): void {
    if (!this.#isOver) this.#host.post(message, transfer);
  }
}
