// @ts-check
/**
 * What a worker pool should do, each as a question that is put to a real one. Node runs this file
 * too, so it is JavaScript.
 *
 * @module
 */

import { createServer } from "node:net";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { markOf, takeMarks } from "./marks.js";

/** @typedef {import("./rival.d.ts").Probe} Probe */
/** @typedef {import("./rival.d.ts").Rival} Rival */
/** @typedef {import("./rival.d.ts").Verdict} Verdict */

/** How long a pool may take to answer before it counts as one that does not, in milliseconds. */
const PATIENCE_MS = 4_000;

/** A file that may be read, and one that may not. */
const GRANTED_FILE = "/etc/hosts";
const OTHER_FILE = "/etc/passwd";

/** @type {Record<string, Probe>} */
const stopping = {
  "cancel-waiting": {
    topic: "Stopping",
    claim: "a job that waits and is cancelled never starts",
    async ask(open) {
      const pool = await open({ workers: 1 });
      const before = pool.run("burn", 300);
      const cancel = new AbortController();
      const waiting = settle(pool.run("mark", markOf("started"), { signal: cancel.signal }));
      cancel.abort();
      await before;
      const { end } = await waiting;
      await pool.run("echo", 1);
      const ran = takeMarks().length > 0;
      return { ok: end === "rejected" && !ran, note: ran ? "it ran" : `it was ${end}` };
    },
  },

  "cancel-loop": {
    topic: "Stopping",
    claim: "a busy loop that is cancelled stops",
    ask: (open) =>
      stopLoop(open, (ms) => {
        const cancel = new AbortController();
        setTimeout(() => cancel.abort(), ms);
        return { signal: cancel.signal };
      }),
  },

  "timeout-loop": {
    topic: "Stopping",
    claim: "a busy loop over its time limit stops",
    ask: (open) => stopLoop(open, (timeoutMs) => ({ timeoutMs })),
  },

  "after-stop": {
    topic: "Stopping",
    claim: "the next job of a stopped loop's worker runs",
    async ask(open) {
      const pool = await open({ workers: 1 });
      await settle(pool.run("spin", 0, { timeoutMs: 300 }));
      return await stillWorks(pool);
    },
  },

  "asked-first": {
    topic: "Stopping",
    claim: "a job is asked to stop first, and may tidy up",
    async ask(open) {
      const pool = await open();
      await pool.run("echo", 1);
      const cancel = new AbortController();
      const running = settle(pool.run("tidy", markOf("tidied"), { signal: cancel.signal }));
      setTimeout(() => cancel.abort(), 200);
      const { end } = await running;
      await sleep(100);
      return { ok: takeMarks().includes("tidied"), note: `it was ${end}, and not told` };
    },
  },
};

/** @type {Record<string, Probe>} */
const memory = {
  "heap-limit": {
    topic: "Memory",
    claim: "a job that fills its heap ends alone",
    async ask(open) {
      const pool = await open({ memoryMb: 64 });
      return await endsAlone(pool, "allocate", 15_000);
    },
  },

  "recursion": {
    topic: "Memory",
    claim: "endless recursion is the job's own error",
    async ask(open) {
      const pool = await open();
      const { end, error } = await settle(pool.run("recurse"));
      return { ok: errorOf(error).name === "RangeError", note: `it was ${end}` };
    },
  },
};

/** @type {Record<string, Probe>} */
const faults = {
  "exit": {
    topic: "Faults",
    claim: "a job that calls process.exit ends alone",
    ask: async (open) => await endsAlone(await open(), "exit"),
  },

  "throw-text": {
    topic: "Faults",
    claim: "what is thrown and is no error keeps its text",
    async ask(open) {
      const { end, error } = await settle((await open()).run("throw_text"));
      const text = typeof error === "string" ? error : errorOf(error).message;
      return { ok: end === "rejected" && text === "a text", note: `it was ${end}: ${text}` };
    },
  },

  "error-fields": {
    topic: "Faults",
    claim: "an error keeps name, message, stack, cause and own fields",
    async ask(open) {
      const { error } = await settle((await open()).run("throw_rich"));
      const { name, message, stack, cause, code, details } = errorOf(error);
      const kept = {
        name: name === "RangeError",
        message: message === "it is rich",
        stack: String(stack).includes("throw_rich"),
        cause: errorOf(cause).message === "the cause",
        fields: code === "RICH" && details?.limit === 3,
      };
      const lost = Object.entries(kept).flatMap(([part, is]) => is ? [] : [part]);
      return { ok: lost.length === 0, note: `lost: ${lost.join(", ")}` };
    },
  },

  "stray": {
    topic: "Faults",
    claim: "a rejection after the reply harms nobody",
    async ask(open) {
      const pool = await open({ workers: 1 });
      const first = await settle(pool.run("stray"));
      await sleep(200);
      const next = await stillWorks(pool);
      return { ...next, ok: next.ok && first.value === "replied" };
    },
  },

  "closure": {
    topic: "Faults",
    claim: "a result that cannot be sent is told, and harms nobody",
    ask: async (open) => await endsAlone(await open({ workers: 1 }), "closure"),
  },

  "dead-queue": {
    topic: "Faults",
    claim: "jobs that wait behind one that dies run elsewhere",
    async ask(open) {
      const pool = await open({ workers: 1, memoryMb: 64 });
      await pool.run("echo", 1);
      const dying = settle(pool.run("allocate"), 15_000);
      const behind = Array.from(
        { length: 10 },
        (_, i) => settle(pool.run("mark", markOf(i)), 15_000),
      );
      await dying;
      const done = (await Promise.all(behind)).filter(({ end }) => end === "fulfilled").length;
      takeMarks();
      return { ok: done === 10, note: `${done} of 10 ran` };
    },
  },

  "at-most-once": {
    topic: "Faults",
    claim: "when workers die, no job runs twice and none is lost",
    async ask(open) {
      const pool = await open({ workers: 2, memoryMb: 64 });
      const runs = Array.from({ length: 40 }, (_, i) => {
        const deed = i % 15 === 5 ? "mark_and_allocate" : "mark";
        return settle(pool.run(deed, markOf(i)), 15_000);
      });
      const unsettled = (await Promise.all(runs)).filter(({ end }) => end === "unanswered").length;
      const marks = takeMarks();
      const twice = marks.length - new Set(marks).size;
      const lost = 40 - new Set(marks).size;
      return {
        ok: unsettled + twice + lost === 0,
        note: `${lost} lost, ${twice} twice, ${unsettled} unanswered`,
      };
    },
  },
};

/** @type {Record<string, Probe>} */
const permissions = {
  "read": {
    topic: "Permissions",
    claim: "a job reads the files that it was granted, and no other",
    async ask(open) {
      const pool = await open();
      const granted = await settle(pool.run("read", GRANTED_FILE));
      const other = await settle(pool.run("read", OTHER_FILE));
      return {
        ok: granted.end === "fulfilled" && other.end === "rejected",
        note: other.end === "fulfilled" ? `it read ${OTHER_FILE}` : "it could not read its own",
      };
    },
  },

  "connect": {
    topic: "Permissions",
    claim: "a job without the network cannot connect",
    async ask(open) {
      const server = createServer().listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      const { end } = await settle((await open()).run("connect", port));
      return { ok: end === "rejected", note: "it connected" };
    },
  },

  "variable": {
    topic: "Permissions",
    claim: "a job does not see the environment",
    async ask(open) {
      const { value } = await settle((await open()).run("variable", "PATH"));
      return { ok: value === undefined, note: "it read PATH" };
    },
  },

  "input": {
    topic: "Permissions",
    claim: "input of the wrong type is refused before the job runs",
    async ask(open) {
      const { end } = await settle((await open()).run("double", "four"));
      return { ok: end === "rejected", note: "the job ran" };
    },
  },
};

/** @type {Record<string, Probe>} */
const queueing = {
  "order": {
    topic: "Queue",
    claim: "jobs start in the order of their submission",
    async ask(open) {
      const pool = await open({ workers: 1 });
      await Promise.all(Array.from({ length: 30 }, (_, i) => pool.run("mark", markOf(i))));
      const marks = takeMarks().map(Number);
      const ok = marks.length === 30 && marks.every((mark, i) => mark === i);
      return { ok, note: "they did not" };
    },
  },

  "light": {
    topic: "Queue",
    claim: "one client's short job does not wait behind another's long ones",
    async ask(open) {
      const pool = await open({ workers: 2 });
      const [one, other] = [{ client: 1 }, { client: 2 }];
      await pool.run("burn", 60, one);
      await pool.run("echo", 1, other);
      const heavy = Array.from({ length: 30 }, () => pool.run("burn", 60, one));
      const started = performance.now();
      await pool.run("echo", 1, other);
      const ms = performance.now() - started;
      await Promise.all(heavy);
      return { ok: ms < 300, ms };
    },
  },

  "bounded": {
    topic: "Queue",
    claim: "a full queue refuses at once",
    async ask(open) {
      const pool = await open({ workers: 1, maxQueue: 4 });
      await pool.run("echo", 1);
      const runs = Array.from({ length: 20 }, () => settle(pool.run("sleep", 100), 15_000));
      const refused = (await Promise.all(runs)).filter(({ end }) => end === "rejected").length;
      return { ok: refused > 0, note: "it took on everything" };
    },
  },
};

/** @type {Record<string, Probe>} */
const talking = {
  "progress": {
    topic: "Talking",
    claim: "a job tells of its progress",
    async ask(open) {
      /** @type {number[]} */
      const heard = [];
      const pool = await open();
      await settle(pool.run("progress", 0, { onProgress: (done) => void heard.push(done) }));
      await sleep(100);
      return { ok: heard.at(-1) === 3, note: "nothing was heard" };
    },
  },

  "transfer": {
    topic: "Talking",
    claim: "a buffer is handed over without a copy",
    async ask(open) {
      const buffer = new ArrayBuffer(1_000_000);
      const { value } = await settle((await open()).run("bytes", buffer, { transfer: [buffer] }));
      return { ok: value === 1_000_000 && buffer.byteLength === 0, note: "it was copied" };
    },
  },

  "stats": {
    topic: "Talking",
    claim: "the pool knows what waits, runs, has ended, and took how long",
    async ask(open) {
      const pool = await open({ workers: 1 });
      await pool.run("burn", 10);
      const runs = [1, 2, 3].map(() => pool.run("burn", 300));
      let hasEnded = false;
      void runs[0]?.finally(() => hasEnded = true);
      const seen = { waiting: false, running: false };
      while (!hasEnded && !(seen.waiting && seen.running)) {
        const { queued, running } = pool.stats?.() ?? {};
        seen.waiting ||= queued === 2;
        seen.running ||= running === 1;
        await sleep(10);
      }
      await Promise.all(runs);
      const { completed, runP50Ms = 0 } = pool.stats?.() ?? {};
      const known = {
        ...seen,
        ended: completed === 4,
        "run times": runP50Ms > 250 && runP50Ms < 600,
      };
      const unknown = Object.entries(known).flatMap(([figure, is]) => is ? [] : [figure]);
      return { ok: unknown.length === 0, note: `unknown: ${unknown.join(", ")}` };
    },
  },
};

/** All questions, by their short names. */
/** @type {Record<string, Probe>} */
export const probes = {
  ...stopping,
  ...memory,
  ...faults,
  ...permissions,
  ...queueing,
  ...talking,
};

/**
 * Lets a loop be stopped, and looks whether it has: an answer is no proof, an idle core is.
 *
 * @param {(shape?: Partial<import("./rival.d.ts").PoolShape>) => Promise<Rival>} open
 * @param {(afterMs: number) => import("./rival.d.ts").RunOptions} stopAfter
 * @returns {Promise<Verdict>}
 */
async function stopLoop(open, stopAfter) {
  const pool = await open();
  await pool.run("echo", 1);
  const due = performance.now() + 400;
  const { end } = await settle(pool.run("spin", 0, stopAfter(400)), PATIENCE_MS);
  let ms = performance.now() - due;
  // Some let it burn on for a second, in the hope that it stops by itself.
  for (let burning = await burnsOn(); burning; burning = await burnsOn()) {
    ms = performance.now() - due;
    if (ms > PATIENCE_MS) return { ok: false, note: `it was ${end}, and burns on` };
  }
  return { ok: end === "rejected", ms: Math.max(ms, 1), note: `it was ${end}` };
}

/**
 * A deed that fails is told to its caller, and the pool goes on.
 *
 * @param {Rival} pool
 * @param {string} deed
 * @returns {Promise<Verdict>}
 */
async function endsAlone(pool, deed, patienceMs = PATIENCE_MS) {
  const { end } = await settle(pool.run(deed), patienceMs);
  const next = await stillWorks(pool);
  if (!next.ok) return { ok: false, note: `it was ${end}, and the pool works no more` };
  return { ok: end === "rejected", note: `it was ${end}` };
}

/**
 * @param {Rival} pool
 * @returns {Promise<Verdict>}
 */
async function stillWorks(pool) {
  const { value, end } = await settle(pool.run("echo", 42));
  return { ok: value === 42, note: `the next was ${end}` };
}

/**
 * How a run ends, or that it does not.
 *
 * @param {Promise<unknown>} run
 * @returns {Promise<{ end: "fulfilled" | "rejected" | "unanswered", value?: unknown, error?: unknown }>}
 */
async function settle(run, patienceMs = PATIENCE_MS) {
  /** @type {Promise<{ end: "unanswered" }>} */
  const late = new Promise((resolve) => setTimeout(resolve, patienceMs, { end: "unanswered" }));
  const settled = run.then(
    (value) => ({ end: /** @type {const} */ ("fulfilled"), value }),
    (error) => ({ end: /** @type {const} */ ("rejected"), error }),
  );
  return await Promise.race([settled, late]);
}

/**
 * Whether a thread of this process wants the CPU all the time: that is what is left of a loop that
 * was not stopped, and can be told on a full machine too.
 */
async function burnsOn() {
  /** @type {Map<string, number>} */
  const times = new Map();
  const looks = 20;
  for (let look = 0; look < looks; look++) {
    await sleep(25);
    for (const thread of otherThreadsThatWantCpu()) {
      times.set(thread, (times.get(thread) ?? 0) + 1);
    }
  }
  return [...times.values()].some((count) => count > looks * 0.8);
}

function otherThreadsThatWantCpu() {
  return readdirSync("/proc/self/task").filter((thread) => {
    if (thread === String(process.pid)) return false;
    try {
      return readFileSync(`/proc/self/task/${thread}/stat`, "utf8").split(") ")[1]?.startsWith("R");
    } catch {
      return false; // it has just ended
    }
  });
}

/**
 * @param {unknown} thrown
 * @returns {{ name?: string, message?: string, stack?: string, cause?: unknown, code?: unknown, details?: { limit?: unknown } }}
 */
function errorOf(thrown) {
  return typeof thrown === "object" && thrown !== null ? thrown : {};
}

/** @param {number} ms */
function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Answers one question, and ends the process: what a pool has left behind must not keep it.
 *
 * @param {string} name
 * @param {(shape: import("./rival.d.ts").PoolShape) => Promise<Rival> | Rival} open
 */
export async function answer(name, open) {
  const probe = probes[name];
  if (probe === undefined) throw new Error(`there is no probe "${name}"`);
  const verdict = await probe.ask(async (shape) => await open({ workers: 2, ...shape }))
    .catch((error) => ({ ok: false, note: String(error) }));
  process.stdout.write(`${JSON.stringify(verdict)}\n`, () => process.exit(0));
}
