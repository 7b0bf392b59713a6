import { Switch } from "../switch/mod.ts";
import { byteSource } from "./byte_source.ts";
import type { ByteSink, ByteSource } from "./bytes.ts";
import type { Child, ChildSpec } from "./child.ts";
import type { Clock } from "./clock.ts";
import { copy } from "./copy.ts";
import {
  type ParseOutOptions,
  type Process,
  ProcessError,
  type Processes,
  type ProcessInput,
  type ProcessOutput,
  type RunOptions,
  type SpawnOptions,
} from "./process.ts";
import { quoteCommand } from "./quote_command.ts";
import { type ProcessResult, RunningProcess } from "./running_process.ts";
import { unlessAborted } from "./unless_aborted.ts";

/** Where a process's output is dropped. */
const NOWHERE: ByteSink = { write: (data) => Promise.resolve(data.length) };

/** Starts a program. Throws a {@linkcode ProcessError} where it cannot be started. */
export type StartChild = (spec: ChildSpec, commandLine: string) => Child;

/** Runs programs on a platform, which needs to know no more than how to start one. */
export class ProcessRunner implements Processes {
  readonly #clock: Clock;
  readonly #start: StartChild;

  constructor(clock: Clock, start: StartChild) {
    this.#clock = clock;
    this.#start = start;
  }

  // deno-lint-ignore require-await -- so that what is thrown rejects
  async spawn(
    sw: Switch,
    command: string,
    args: readonly string[] = [],
    options: SpawnOptions = {},
  ): Promise<Process> {
    return this.#spawn(sw, command, args, options);
  }

  async run(
    command: string,
    args: readonly string[] = [],
    options: RunOptions = {},
  ): Promise<ProcessOutput> {
    const { maxOutputBytes = 1 << 20 } = options;
    const commandLine = quoteCommand(command, args);
    const collect = (stdout: ByteSource) => readText(stdout, maxOutputBytes, commandLine);
    const { code, stderr, parsed } = await this.#run(command, args, collect, options);
    return { code, stdout: parsed, stderr };
  }

  async parseOut<T>(
    command: string,
    args: readonly string[],
    parse: (stdout: ByteSource) => T | Promise<T>,
    options: ParseOutOptions = {},
  ): Promise<T> {
    const { parsed } = await this.#run(command, args, parse, options);
    return parsed;
  }

  #spawn(
    sw: Switch,
    command: string,
    args: readonly string[],
    options: SpawnOptions,
  ): RunningProcess {
    sw.check();
    const { timeoutMs = Infinity, graceMs = 5000, stderr = "tail" } = options;
    const commandLine = quoteCommand(command, args);
    const child = this.#start(specOf(command, args, options), commandLine);
    return RunningProcess.start(sw, child, {
      clock: this.#clock,
      commandLine,
      timeoutMs,
      graceMs,
      keepTail: stderr === "tail",
    });
  }

  #run<T>(
    command: string,
    args: readonly string[],
    parse: (stdout: ByteSource) => T | Promise<T>,
    { stdin = "", isSuccess, signal, ...options }: ParseOutOptions,
  ): Promise<ProcessResult & { readonly parsed: T }> {
    return Switch.run(async (sw) => {
      const pipes = { stdin: "piped", stdout: "piped" } as const;
      const process = this.#spawn(sw, command, args, { ...options, ...pipes });
      sw.forkDaemon(() => feed(process.stdin, stdin, sw.signal));
      const stdout = new Watched(process.stdout, sw.signal);
      const parsing = await parseAll(stdout, parse);
      sw.check(); // how a program ended that we have stopped is no news
      const cause = parsing.error?.thrown;
      const success = { ...(isSuccess && { isSuccess }), signal: sw.signal };
      const result = await process.result({ ...success, cause });
      if (parsing.error !== undefined) throw cause;
      return { ...result, parsed: parsing.value };
    }, { name: command, ...(signal && { signal }) });
  }
}

/** A source that gives up with a switch, and knows whether its end was seen. */
class Watched implements ByteSource {
  readonly #source: ByteSource;
  readonly #signal: AbortSignal;
  #hasEnded = false;

  constructor(source: ByteSource, signal: AbortSignal) {
    this.#source = source;
    this.#signal = signal;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    const count = await unlessAborted(this.#source.read(buffer), this.#signal, "output");
    this.#hasEnded = count === null;
    return count;
  }
}

type Attempt<T> =
  | { readonly value: T; readonly error?: undefined }
  | { readonly error: { readonly thrown: unknown } };

/** Reads all of `stdout`. A parser that met the end may have done so for the program's fault. */
async function parseAll<T>(
  stdout: Watched,
  parse: (stdout: ByteSource) => T | Promise<T>,
): Promise<Attempt<T>> {
  try {
    const value = await parse(stdout);
    await copy(stdout, NOWHERE);
    return { value };
  } catch (thrown) {
    if (!stdout.hasEnded) throw thrown;
    return { error: { thrown } };
  }
}

function specOf(command: string, args: readonly string[], options: SpawnOptions): ChildSpec {
  const { cwd, env = {}, clearEnv = false } = options;
  const { stdin = "null", stdout = "null", stderr = "tail" } = options;
  return {
    command,
    args,
    cwd: typeof cwd === "object" ? cwd.path : cwd,
    env,
    clearEnv,
    stdin,
    stdout,
    stderr: stderr === "tail" ? "piped" : stderr,
  };
}

/** Gives a program its input. That it does not want all of it is its own affair. */
async function feed(
  stdin: ProcessInput,
  input: string | Uint8Array | ByteSource,
  signal: AbortSignal,
): Promise<void> {
  try {
    const isData = typeof input === "string" || input instanceof Uint8Array;
    await copy(isData ? byteSource(input) : input, stdin, { signal });
  } catch (error) {
    if (!(error instanceof ProcessError && error.code === "closed")) throw error;
  } finally {
    await stdin.close();
  }
}

async function readText(source: ByteSource, limit: number, commandLine: string): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(16384);
  let [text, size] = ["", 0];
  for (let count; (count = await source.read(buffer)) !== null;) {
    size += count;
    if (size > limit) {
      const why = `it wrote more than maxOutputBytes (${limit} bytes)`;
      throw new ProcessError("output-too-long", `Cannot run ${commandLine}: ${why}`, {
        commandLine,
      });
    }
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  return text + decoder.decode();
}
