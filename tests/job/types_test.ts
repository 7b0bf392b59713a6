import * as v from "valibot";
import type { Clock, Dir, Env, Net, Processes, Vars } from "../../src/env/mod.ts";
import {
  callsOf,
  type Chunks,
  chunks,
  defineJob,
  type JobContext,
  type JobEnv,
  type JobItem,
  type JobRef,
  jobRef,
  type JobResult,
  type JobReturn,
  transfer,
} from "../../src/job/mod.ts";

/** Whether two types are one and the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

/** Compiles only where what is given is `true`: `deno check` runs these tests. */
function is<_Holds extends true>(): void {}

interface Kv {
  "kv.get": (key: string) => string | undefined;
  "kv.put": (key: string, value: string) => Promise<void>;
}

const RUN = { name: "any", summary: "", input: v.string() };

Deno.test("A job's input and output are those of its schema and of its run", () => {
  const job = defineJob({
    name: "length",
    summary: "",
    input: v.pipe(v.string(), v.transform((text) => text.length)),
    run(length, { signal }) {
      is<Same<typeof length, number>>();
      is<Same<typeof signal, AbortSignal>>();
      return Promise.resolve(length > 1);
    },
    format(isLong) {
      is<Same<typeof isLong, boolean>>();
      return String(isLong);
    },
  });
  is<Same<ReturnType<typeof jobRef<typeof job>>, JobRef<string, boolean>>>();
  is<Same<ReturnType<typeof jobRef<{ default: typeof job }>>, JobRef<string, boolean>>>();
});

Deno.test("A job's env has the parts of the machine that it asks for, and no others", () => {
  type Parts<Asked extends object> = { [Part in keyof JobEnv<Asked>]: JobEnv<Asked>[Part] };
  type Free = Pick<Env, "clock" | "random" | "secureRandom">;
  is<Same<JobEnv<Record<never, never>>["clock"], Clock>>();
  is<Same<keyof Parts<Record<never, never>>, keyof Free>>();
  is<Same<keyof JobEnv<{ net: ["a.com"] }>, keyof Free | "net">>();
  is<Same<keyof JobEnv<{ read: true }>, keyof Free | "fs">>();
  is<Same<keyof JobEnv, keyof Free | "net" | "fs" | "vars" | "processes">>();
  defineJob({
    ...RUN,
    permissions: { net: ["example.com:443"], write: ["/data"], env: ["HOME"], run: ["date"] },
    run(_text, { env }) {
      is<Same<typeof env.net, Net>>();
      is<Same<typeof env.fs, Dir>>();
      is<Same<typeof env.vars, Vars>>();
      is<Same<typeof env.processes, Processes>>();
    },
  });
  defineJob({
    ...RUN,
    permissions: { read: ["/data"] },
    run(_text, { env }) {
      // @ts-expect-error -- it did not ask for the network
      const { net } = env;
      return net;
    },
  });
  defineJob({
    ...RUN,
    run(_text, { env }) {
      // @ts-expect-error -- it asked for nothing
      const { fs } = env;
      return fs;
    },
  });
});

Deno.test("A job that gives items has their type, and a list of them as its result", () => {
  const rows = defineJob({
    ...RUN,
    async *run(text) {
      await Promise.resolve();
      yield text.length;
      return text;
    },
    format(row) {
      is<Same<typeof row, number>>();
      return String(row);
    },
  });
  const ref = jobRef<typeof rows>("rows");
  type Output = NonNullable<NonNullable<typeof ref["~types"]>["output"]>;
  is<Same<JobItem<Output>, number>>();
  is<Same<JobResult<Output>, number[]>>();
  is<Same<JobReturn<Output>, string>>();
});

Deno.test("A transferred result has the type of what is transferred", () => {
  const bytes = defineJob({
    ...RUN,
    run() {
      const made = new Uint8Array(8);
      return transfer(made, [made.buffer]);
    },
    format(made) {
      is<Same<typeof made, Uint8Array<ArrayBuffer>>>();
      return made.toHex();
    },
  });
  const ref = jobRef<typeof bytes>("bytes");
  type Output = NonNullable<NonNullable<typeof ref["~types"]>["output"]>;
  is<Same<JobResult<Output>, Uint8Array<ArrayBuffer>>>();
});

Deno.test("A job whose input is a stream is given a stream of checked chunks", () => {
  const sum = defineJob({
    name: "sum",
    summary: "",
    input: chunks(v.number()),
    async run(numbers) {
      is<Same<typeof numbers, AsyncIterable<number>>>();
      let total = 0;
      for await (const number of numbers) total += number;
      return total;
    },
  });
  is<Same<ReturnType<typeof jobRef<typeof sum>>, JobRef<Chunks<number>, number>>>();
});

Deno.test("A job calls what it lists, with the types of the server's interface", () => {
  defineJob({
    ...RUN,
    calls: callsOf<Kv>()("kv.get"),
    async run(key, { call }) {
      const value = await call("kv.get", key);
      is<Same<typeof value, string | undefined>>();
      // @ts-expect-error -- it does not list this one
      await call("kv.put", key, "");
      // @ts-expect-error -- its key is a text
      await call("kv.get", 1);
      return value;
    },
  });
  defineJob({
    ...RUN,
    calls: ["kv.get"],
    async run(key, { call }) {
      const value = await call("kv.get", key);
      is<Same<typeof value, unknown>>();
      // @ts-expect-error -- it does not list this one
      await call("kv.put", key);
    },
  });
  defineJob({
    ...RUN,
    run(key, { call }) {
      // @ts-expect-error -- it lists none
      return call("kv.get", key);
    },
  });
});

Deno.test("A context of any job is one of a job that asks for less", () => {
  type Less = JobContext<{ net: true }, readonly ["kv.get"]>;
  is<JobContext extends Less ? true : false>();
});
