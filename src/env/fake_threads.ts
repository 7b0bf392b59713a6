import type { Defer, Switch } from "../switch/mod.ts";
import type { KillReport, ScopeSpec, Thread, ThreadEnd, Threads, Warden } from "./threads.ts";

/** Options for {@linkcode FakeThreads}. */
export interface FakeThreadsOptions {
  /**
   * The program that a thread runs. It is given the way to post to the starter, and the thread
   * itself; it returns what takes the starter's messages.
   */
  readonly run: (
    post: (message: unknown, transfer?: readonly Transferable[]) => void,
    thread: FakeThread,
  ) => (message: unknown) => void;

  /**
   * How many cores the machine claims to have.
   *
   * @default {2}
   */
  readonly cores?: number;

  /**
   * Is given each delivery of a message, and decides when it happens, so that a test can try other
   * orders; but the messages of one thread, to it or from it, stay in their order.
   *
   * @default {queueMicrotask}
   */
  readonly defer?: Defer | undefined;
}

/**
 * Threads for tests, which run in the isolate of the test: in an order that is the same each time,
 * and with every way to fail at hand. They share no memory. Code in them that never waits cannot
 * be stopped, and code that is killed while it waits goes on, unheard.
 *
 * ```ts
 * import { FakeThreads, Switch } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * await Switch.run(async (sw) => {
 *   const threads = new FakeThreads({ run: (post) => (message) => post(`heard ${message}`) });
 *   const permissions = { net: "none", read: "none", write: "none", env: "none" } as const;
 *   const warden = await threads.open(sw, {
 *     name: "base",
 *     isolation: "worker",
 *     permissions: { ...permissions, run: "none", ffi: "none", sys: "none", import: "none" },
 *     memoryMb: 128,
 *   });
 *   const thread = await warden.start(0);
 *   const answer = new Promise((resolve) => thread.onMessage(resolve));
 *   thread.post("hello");
 *   assertEquals(await answer, "heard hello");
 *   assertEquals(await thread.kill(), { verified: true, ms: 0 });
 * });
 * ```
 */
export class FakeThreads implements Threads {
  readonly cores: number;

  /** While it is set, no thread starts, for this reason. */
  startError: Error | undefined;

  /** While it is set, no scope of processes opens, for this reason. */
  processError: Error | undefined;

  /** Whether a kill ends its thread. Where not, it goes on, and the kill is not verified. */
  killsTake = true;

  /** What this process is told to use, in MiB. */
  memoryMb = 0;

  /** How often the start of a thread was asked for. */
  starts = 0;

  readonly #run: FakeThreadsOptions["run"];
  readonly #defer: Defer;
  readonly #alive = new Set<FakeThread>();
  #lastId = 0;

  /** Make a machine without threads whose threads will run the program `run`. */
  constructor({ run, cores = 2, defer = queueMicrotask }: FakeThreadsOptions) {
    this.#run = run;
    this.#defer = defer;
    this.cores = cores;
  }

  /** The threads that have not ended, oldest first. */
  get alive(): readonly FakeThread[] {
    return [...this.#alive];
  }

  residentMb(): number {
    return this.memoryMb;
  }

  // deno-lint-ignore require-await -- so that what is thrown rejects
  async open(sw: Switch, spec: ScopeSpec): Promise<Warden> {
    sw.check();
    if (spec.isolation === "process" && this.processError !== undefined) throw this.processError;
    const mine = new Set<FakeThread>();
    let isClosed = false;
    sw.onRelease(() => {
      isClosed = true;
      for (const thread of mine) thread.end({ kind: "killed" });
    });
    return {
      spec,
      start: async () => {
        await Promise.resolve();
        if (isClosed) throw new Error(`Cannot start a thread: scope "${spec.name}" is closed`);
        const thread = this.#start(spec);
        mine.add(thread);
        return thread;
      },
    };
  }

  #start(spec: ScopeSpec): FakeThread {
    this.starts++;
    if (this.startError !== undefined) throw this.startError;
    const thread: FakeThread = new FakeThread(
      ++this.#lastId,
      spec,
      this.#run,
      () => this.killsTake,
      this.#defer,
    );
    this.#alive.add(thread);
    void thread.ended.then(() => this.#alive.delete(thread));
    return thread;
  }
}

/** A thread of {@linkcode FakeThreads}, which a test can end from outside. */
export class FakeThread implements Thread {
  readonly id: number;
  /** The scope that it belongs to. */
  readonly spec: ScopeSpec;
  readonly shared: undefined = undefined;
  /** What it is told to use, in MiB; `undefined`: that cannot be told. */
  memoryMb: number | undefined;
  readonly ended: Promise<ThreadEnd>;
  readonly #end = Promise.withResolvers<ThreadEnd>();
  readonly #killsTake: () => boolean;
  readonly #program: (message: unknown) => void;
  readonly #toProgram: Mailbox;
  readonly #toStarter: Mailbox;
  #early: unknown[] = [];
  #receive: ((message: unknown) => void) | undefined;
  #report: KillReport | undefined;
  #isAlive = true;

  /** @ignore Made by {@linkcode FakeThreads}. */
  constructor(
    id: number,
    spec: ScopeSpec,
    run: FakeThreadsOptions["run"],
    killsTake: () => boolean,
    defer: Defer,
  ) {
    this.id = id;
    this.spec = spec;
    this.ended = this.#end.promise;
    this.#killsTake = killsTake;
    this.#toStarter = new Mailbox(defer, (message) => this.#receiveOrKeep(message));
    this.#toProgram = new Mailbox(defer, (message) => {
      if (this.#isAlive) this.#program(message);
    });
    this.#program = run((message, transfer) => this.#toStarter.post(message, transfer), this);
  }

  /** Whether it has not ended. */
  get isAlive(): boolean {
    return this.#isAlive;
  }

  residentMb(): number | undefined {
    return this.memoryMb;
  }

  post(message: unknown, transfer?: readonly Transferable[]): void {
    this.#toProgram.post(message, transfer);
  }

  onMessage(fn: (message: unknown) => void): void {
    this.#receive = fn;
    this.#early.splice(0).forEach(fn);
  }

  kill(): Promise<KillReport> {
    this.#report ??= this.#kill();
    return Promise.resolve(this.#report);
  }

  /** Ends it as a thread ends whose code has failed. */
  crash(reason: string): void {
    this.end({ kind: "crashed", reason });
  }

  /** Ends it: from now on it hears nothing, and nothing is heard of it. Does nothing after its end. */
  end(end: ThreadEnd): void {
    this.#isAlive = false;
    this.#end.resolve(end);
  }

  #kill(): KillReport {
    const verified = !this.#isAlive || this.#killsTake();
    if (verified) this.end({ kind: "killed" });
    return { verified, ms: 0 };
  }

  #receiveOrKeep(message: unknown): void {
    if (!this.#isAlive) return;
    if (this.#receive === undefined) this.#early.push(message);
    else this.#receive(message);
  }
}

/** Messages on their way to one receiver: each arrives later, all in the order of sending. */
class Mailbox {
  readonly #defer: Defer;
  readonly #deliver: (message: unknown) => void;
  readonly #underWay: unknown[] = [];

  constructor(defer: Defer, deliver: (message: unknown) => void) {
    this.#defer = defer;
    this.#deliver = deliver;
  }

  post(message: unknown, transfer?: readonly Transferable[]): void {
    this.#underWay.push(copyOf(message, transfer));
    this.#defer(() => this.#deliver(this.#underWay.shift()));
  }
}

/** As threads send it. Throws where it cannot be sent, as they do. */
function copyOf(message: unknown, transfer: readonly Transferable[] = []): unknown {
  return structuredClone(message, { transfer: [...transfer] });
}
