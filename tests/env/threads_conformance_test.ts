import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FakeThread, FakeThreads, realEnv } from "../../src/env/mod.ts";
import type { Isolation, Permissions, Thread, Threads, Warden } from "../../src/env/mod.ts";
import type { FromLane, ToLane } from "../../src/pool/link/mod.ts";
import { Switch } from "../../src/switch/mod.ts";
import { LaneProgram } from "../../workers/runtime/lane_program.ts";
import { childProcesses } from "../pool/platform.ts";

/** What all kinds of threads must do: a test with the fake ones proves nothing else. */
interface Subject {
  readonly name: string;
  readonly isolation: Isolation;
  readonly threads: () => Threads;
  /** Ends the one thread that there is from outside, as a fault would, where that can be done. */
  readonly crash?: (thread: Thread) => void;
}

const subjects: Subject[] = [
  { name: "worker lanes", isolation: "worker", threads: () => realEnv().threads },
  {
    name: "process lanes",
    isolation: "process",
    threads: () => realEnv().threads,
    crash: () => childProcesses().forEach((pid) => Deno.kill(Number(pid), "SIGKILL")),
  },
  {
    name: "fake threads",
    isolation: "worker",
    threads: () => new FakeThreads({ run: runLane }),
    crash: (thread) => thread instanceof FakeThread && thread.crash("it was hit"),
  },
];

function runLane(post: (message: unknown) => void) {
  const program = new LaneProgram(post, { isMeasured: false });
  return (message: unknown) => program.receive(message as ToLane);
}

const NOTHING: Permissions = {
  net: "none",
  read: "none",
  write: "none",
  env: "none",
  run: "none",
  ffi: "none",
  sys: "none",
  import: "none",
};

const JOB = new URL("../fixtures/jobs/conforming/thread.ts", import.meta.url);

/** What a structured clone keeps. */
const CLONEABLE: readonly unknown[] = [
  ...[undefined, null, NaN, -Infinity, -0, 12345678901234567890n, "h\u00e9llo \u{1f600} \ud800"],
  ...[new Date(5), new Map([[1, { a: [undefined] }]]), new Set(["x"]), /a+/g],
  ...[new Uint8Array([1, 2, 3]), new Float64Array([0.5]), new ArrayBuffer(3)],
  { nested: { list: [1, "two", null] } },
  "x".repeat(1_000_000),
];

for (const subject of subjects) {
  const { name, crash } = subject;
  const law = (text: string, fn: (scope: Scope) => Promise<void>) =>
    Deno.test(`${name}: ${text}`, () => Switch.run((sw) => fn(new Scope(sw, subject))));

  law("messages arrive in the order in which they were posted", async (scope) => {
    const lane = await scope.start();
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    assertEquals(await Promise.all(numbers.map((i) => lane.run(i))), numbers);
    assertEquals(lane.ends, numbers);
  });

  law("a value arrives as its structured clone, and so comes back", async (scope) => {
    const lane = await scope.start();
    for (const value of CLONEABLE) assertEquals(await lane.run(value), value);
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    const back = await lane.run(cycle) as typeof cycle;
    assert(back.self === back);
  });

  law("what cannot be cloned is refused to its sender, and the thread goes on", async (scope) => {
    const lane = await scope.start();
    assertThrows(() => lane.thread.post({ value: () => {} }));
    await assertRejects(() => lane.run("function"), Error, "Cannot send the job's result");
    assertEquals(await lane.run("after it"), "after it");
  });

  law("a kill of an idle thread is verified, and is one however often", async (scope) => {
    const { thread } = await scope.start();
    const report = await thread.kill();
    assert(report.verified);
    assertEquals(await thread.kill(), report);
    assertEquals(await thread.ended, { kind: "killed" });
  });

  law("a post to a thread that has ended does nothing", async (scope) => {
    const { thread } = await scope.start();
    await thread.kill();
    thread.post({ type: "ask", seq: 0 });
  });

  law("a thread ends for itself alone", async (scope) => {
    const warden = await scope.open();
    const [one, other] = await Promise.all([scope.start(warden), scope.start(warden)]);
    assert(one.thread.id !== other.thread.id);
    await one.thread.kill();
    assertEquals(await other.run("still there"), "still there");
  });

  law("the end of the switch kills its threads, and no other starts", async (scope) => {
    const { warden, thread } = await Switch.run(async (sw) => {
      const warden = await new Scope(sw, subject).open();
      return { warden, thread: await warden.start(0) };
    });
    assertEquals(await thread.ended, { kind: "killed" });
    await assertRejects(() => warden.start(0), Error, 'scope "conforming" is closed');
    assertEquals(await (await scope.start()).run("another scope"), "another scope");
  });

  if (crash !== undefined) {
    law("a thread that is ended from outside has crashed, and says how", async (scope) => {
      const { thread } = await scope.start();
      crash(thread);
      const end = await thread.ended;
      assert(end.kind === "crashed" && end.reason !== "", end.kind);
      assert((await thread.kill()).verified);
    });
  }

  // The code of a fake runs in the test's own thread, and asks nobody for permissions.
  if (name === "fake threads") continue;

  law("a kill of a busy thread is verified", async (scope) => {
    const lane = await scope.start();
    const burning = lane.next("print");
    void lane.run("burn");
    await burning;
    assert((await lane.thread.kill()).verified);
    assertEquals(await lane.thread.ended, { kind: "killed" });
  });

  law("a thread that fills its heap says so, or ends of it", async (scope) => {
    const lane = await scope.start();
    const told = lane.next("out-of-memory");
    void lane.run("allocate");
    const { kind } = await Promise.race([lane.thread.ended, told.then(() => ({ kind: "told" }))]);
    assert(kind === "out-of-memory" || kind === "told", kind);
  });

  law("a permission that is none keeps the scope from starting, in words", async (scope) => {
    const starting = async () => await (await scope.open({ net: ["a:b:c"] })).start(0);
    await assertRejects(starting, Error, "a:b:c");
  });
}

/** A scope of the threads that are tried. */
class Scope {
  readonly #sw: Switch;
  readonly #isolation: Isolation;
  readonly #threads: Threads;

  constructor(sw: Switch, { isolation, threads }: Subject) {
    this.#sw = sw;
    this.#isolation = isolation;
    this.#threads = threads();
  }

  async open(permissions: Partial<Permissions> = {}) {
    const read = [decodeURIComponent(new URL(".", JOB).pathname)];
    return await this.#threads.open(this.#sw, {
      name: "conforming",
      isolation: this.#isolation,
      permissions: { ...NOTHING, read, ...permissions },
      memoryMb: 64,
    });
  }

  /** Starts a thread, and has it load the job. */
  async start(warden?: Warden): Promise<Lane> {
    const lane = new Lane(await (warden ?? await this.open()).start(0));
    const ready = lane.next("ready");
    lane.thread.post({ type: "load", files: [{ index: 0, url: JOB.href }] });
    await ready;
    return lane;
  }
}

type End = FromLane & { readonly type: "end" };

/** A thread that runs the lane program, and what is said to it and by it. */
class Lane {
  readonly thread: Thread;
  /** The numbers of the runs that have ended, in order. */
  readonly ends: number[] = [];
  readonly #runs = new Map<number, (end: End) => void>();
  readonly #waits = new Map<string, () => void>();
  #seq = 0;

  constructor(thread: Thread) {
    this.thread = thread;
    thread.onMessage((message) => this.#hear(message as FromLane));
  }

  /** Resolves at the next message of this type. */
  next(type: FromLane["type"]): Promise<void> {
    return new Promise((resolve) => this.#waits.set(type, resolve));
  }

  /** Runs the job on a value. Rejects with the job's error. */
  async run(value: unknown): Promise<unknown> {
    const seq = this.#seq++;
    const ended = new Promise<End>((resolve) => this.#runs.set(seq, resolve));
    this.thread.post({ type: "run", seq, job: 0, input: { value } });
    const { end } = await ended;
    if (end.kind === "done") return end.result;
    throw new Error("error" in end ? end.error.message : end.kind);
  }

  #hear(message: FromLane): void {
    this.#waits.get(message.type)?.();
    if (message.type !== "end") return;
    this.ends.push(message.seq);
    this.#runs.get(message.seq)?.(message);
  }
}
