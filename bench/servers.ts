import { TextLineStream } from "@std/streams";

/** The project's folder. */
export const ROOT = new URL("../", import.meta.url);

/** What the program needs of V8, as in every task. */
export const V8_FLAGS = "--v8-flags=--no-turboshaft-loop-unrolling,--no-concurrent-recompilation";

/** What `deno task serve` tells the event loop: to ask the kernel for news in every eighth round. */
const SERVE_ENV = { DENO_TOKIO_EVENT_INTERVAL: "8" };

/** What is run, and where. */
export interface Program {
  readonly command: string | URL;
  readonly args: readonly string[];
  /** The project's folder, unless it says otherwise. */
  readonly cwd?: URL;
  /** What its environment has beside ours. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A program of the project, on this Deno. */
export function onDeno(...args: string[]): Program {
  return { command: Deno.execPath(), args: ["run", "--quiet", "--no-prompt", "-A", ...args] };
}

/** A service under test, in a process of its own. */
export class Server implements AsyncDisposable {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** What it said when it listened. */
  readonly announcement: string;
  /** Resolves with its exit code and the last line that it wrote. */
  readonly ended: Promise<string>;
  readonly #process: Deno.ChildProcess;
  readonly #watchers: Set<(line: string) => void>;

  private constructor(
    name: string,
    process: Deno.ChildProcess,
    [announcement, port]: RegExpExecArray,
    watchers: Set<(line: string) => void>,
    ended: Promise<string>,
  ) {
    this.ended = ended;
    this.name = name;
    this.#process = process;
    this.announcement = announcement;
    this.port = Number(port);
    this.pid = process.pid;
    this.#watchers = watchers;
  }

  /** Waits for a line of its output that `pick` makes something of. */
  nextLine<T>(pick: (line: string) => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const watch = (line: string) => {
        const picked = pick(line);
        if (picked === undefined) return;
        this.#watchers.delete(watch);
        resolve(picked);
      };
      this.#watchers.add(watch);
    });
  }

  /** Ours, with all its protection on. */
  static ours(...flags: string[]): Promise<Server> {
    const isPlaced = flags.some((flag) => flag.startsWith("--listen="));
    const listen = isPlaced ? [] : ["--listen=127.0.0.1:0"];
    const args = [V8_FLAGS, "main.ts", "serve", "--log=json", ...listen, ...flags];
    const program = { ...onDeno(...args), env: SERVE_ENV };
    return Server.start("switchyard", program, /"address":"127\.0\.0\.1:(\d+)[^"]*"/);
  }

  /** One `postMessage` for each job. */
  static naive(): Promise<Server> {
    return Server.start("naive", onDeno("bench/peers/naive_server.ts"));
  }

  /** The least that a server of lines can be. */
  static echo(): Promise<Server> {
    return Server.start("echo", onDeno("bench/peers/echo_server.ts"));
  }

  /** Starts a program and waits until it says where it listens: by default `listening PORT`. */
  static async start(
    name: string,
    { command, args, cwd = ROOT, env = {} }: Program,
    port = /^listening (\d+)/,
  ): Promise<Server> {
    const process = new Deno.Command(command, {
      args: [...args],
      cwd,
      env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const found = Promise.withResolvers<RegExpExecArray>();
    const watchers = new Set<(line: string) => void>();
    let last = "";
    for (const stream of [process.stdout, process.stderr]) {
      void watchLines(stream, (line) => {
        last = line;
        const match = port.exec(line);
        if (match !== null) found.resolve(match);
        watchers.forEach((watch) => watch(line));
      });
    }
    const ended = process.status.then(({ code }) => `code ${code}: ${last}`);
    void ended.then((end) => {
      found.reject(new Error(`${name} exited before it listened with ${end}`));
    });
    return new Server(name, process, await found.promise, watchers, ended);
  }

  /** Asks it to drain, and waits for its end. Returns its exit code. */
  async stop(): Promise<number> {
    this.#process.kill("SIGTERM");
    return (await this.#process.status).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended already
    }
    await this.#process.status;
  }
}

async function watchLines(stream: ReadableStream<Uint8Array>, see: (line: string) => void) {
  const lines = stream.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  for await (const line of lines) see(line);
}
