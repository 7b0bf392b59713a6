import { fakeEnv, realEnv, type ScopeSpec, Switch, WorkerPool } from "@switchyard/switchyard";

const none = "none" as const;

/** A scope without permissions. */
const SPEC: ScopeSpec = {
  name: "bench",
  isolation: "worker",
  permissions: {
    ...{ net: none, read: none, write: none, env: none },
    ...{ run: none, ffi: none, sys: none, import: none },
  },
  memoryMb: 128,
};

/** What a thread takes, in milliseconds, by what it is. */
export const threads: Readonly<Record<string, () => Promise<number>>> = {
  "a bare Web Worker answers": () => answerOf("./bare_worker.ts"),
  "a bare thread of a Web Worker's answers": () => answerOf("./bare_nested.ts"),
  "a lane is up, its warden with it": () => laneUp("worker"),
  "a lane in a process is up": () => laneUp("process"),
};

/** What the first jobs of a warm lane take, in milliseconds. */
export async function measureFirstJobs(): Promise<{ first: number; second: number }> {
  return await Switch.run(async (sw) => {
    const env = { ...realEnv(), log: fakeEnv().log };
    const options = { cores: 1, spares: 0, selfTest: false };
    const pool = await WorkerPool.open(sw, env, {
      ...options,
      jobs: await env.cwd.subtree("workers"),
    });
    const ask = () => timed(() => pool.submit("fib", 1));
    return { first: await ask(), second: await ask() };
  });
}

async function answerOf(program: string): Promise<number> {
  return await timed(async () => {
    const worker = new Worker(new URL(program, import.meta.url), { type: "module" });
    await new Promise((resolve) => {
      worker.onmessage = resolve;
      worker.postMessage("hello");
    });
    worker.terminate();
  });
}

async function laneUp(isolation: "worker" | "process"): Promise<number> {
  return await Switch.run(async (sw) => {
    const { threads } = realEnv();
    return await timed(async () => {
      await (await threads.open(sw, { ...SPEC, isolation })).start(0);
    });
  });
}

async function timed(fn: () => Promise<unknown>): Promise<number> {
  const beganMs = performance.now();
  await fn();
  return performance.now() - beganMs;
}
