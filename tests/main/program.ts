import { TextLineStream } from "@std/streams";
import type { Address } from "../../src/env/mod.ts";
import { RawClient } from "../server/raw_client.ts";

const ROOT = new URL("../../", import.meta.url);
const V8_FLAGS = "--v8-flags=--no-turboshaft-loop-unrolling,--no-concurrent-recompilation";

/** How to start the program. */
export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Deno's permission flags.
   *
   * @default {["-A"]}
   */
  readonly permissions?: readonly string[];
}

/** How the program ended, and what it wrote. */
export interface ProgramEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program to its end. */
export async function run(
  args: readonly string[],
  { env = {}, permissions = ["-A"] }: ProgramOptions = {},
): Promise<ProgramEnd> {
  const { code, stdout, stderr } = await command(["run", "--no-prompt", ...permissions, V8_FLAGS], [
    "main.ts",
    ...args,
  ], env).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** The program as it serves, in a process of its own. */
export class Program implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #lines: string[] = [];
  readonly #done: Promise<unknown>;
  #news = Promise.withResolvers<void>();
  #hasEnded = false;

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#done = Promise.all([this.#readLines(), process.stdout.cancel()]);
  }

  /** Starts `serve` on a free port of this machine, if `args` say nothing else. */
  static serve(
    args: readonly string[] = [],
    { env = {}, permissions = ["-A"] }: ProgramOptions = {},
  ): Program {
    const flags = ["run", "--no-prompt", ...permissions, V8_FLAGS];
    return new Program(command(flags, ["main.ts", "serve", ...withPort(args)], env).spawn());
  }

  /** Starts the task `serve`. */
  static task(args: readonly string[] = []): Program {
    return new Program(command(["task", "serve"], withPort(args), {}).spawn());
  }

  /** The lines that it has written to its standard error stream. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Waits for a line that matches. */
  async until(pattern: RegExp): Promise<RegExpMatchArray> {
    for (;;) {
      for (const line of this.#lines) {
        const match = line.match(pattern);
        if (match !== null) return match;
      }
      if (this.#hasEnded) {
        throw new Error(`It ended without ${pattern}:\n${this.#lines.join("\n")}`);
      }
      await this.#news.promise;
    }
  }

  /** Waits until it listens, and tells where. */
  async listening(): Promise<Address> {
    const [, host = "", port] = await this.until(/listening.*address"?[=:]"?([\d.]+):(\d+)/);
    const hostname = host === "0.0.0.0" ? "127.0.0.1" : host;
    return { transport: "tcp", hostname, port: Number(port) };
  }

  async connect(): Promise<RawClient> {
    return await RawClient.connect(await this.listening());
  }

  signal(name: Deno.Signal): void {
    this.#process.kill(name);
  }

  /** Sends a signal to it and to all that it has started, as a terminal does. */
  signalGroup(name: Deno.Signal): void {
    const { pid } = this.#process;
    const children = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim().split(" ");
    for (const child of children) Deno.kill(Number(child), name);
    this.signal(name);
  }

  /** Waits for its end, and tells its exit code. */
  async end(): Promise<number> {
    const { code } = await this.#process.status;
    await this.#done;
    return code;
  }

  /** Ends it, if it has not ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded) this.#process.kill("SIGKILL");
    await this.end();
  }

  async #readLines(): Promise<void> {
    const lines = this.#process.stderr.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream());
    for await (const line of lines) {
      this.#lines.push(line);
      this.#wake();
    }
    this.#hasEnded = true;
    this.#wake();
  }

  #wake(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}

function withPort(args: readonly string[]): readonly string[] {
  return args.includes("--listen") ? args : ["--listen", "127.0.0.1:0", ...args];
}

function command(
  flags: readonly string[],
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [...flags, ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}
