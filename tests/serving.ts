import { TextLineStream } from "@std/streams";
import { Connection, realEnv, Switch } from "../src/mod.ts";

/** The program, as the task `serve` runs it, but for the sub-command. */
export const PROGRAM: readonly string[] = [
  Deno.execPath(),
  "run",
  "--no-prompt",
  "-A",
  "--v8-flags=--no-turboshaft-loop-unrolling,--no-concurrent-recompilation",
  decodeURIComponent(new URL("../main.ts", import.meta.url).pathname),
];

/** A server in a process of its own, on a free port. It is drained when it is disposed of. */
export class Serving implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #log: AsyncIterator<string>;
  #port = 0;

  /** The line of the log that says where it listens. */
  announcement = "";

  private constructor([program = "", ...args]: readonly string[], flags: readonly string[]) {
    this.#child = new Deno.Command(program, {
      args: [...args, "serve", "--listen", "127.0.0.1:0", ...flags],
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const text = this.#child.stderr.pipeThrough(new TextDecoderStream());
    this.#log = text.pipeThrough(new TextLineStream()).values();
  }

  /** Starts it, and waits until it listens. */
  static async start(program: readonly string[], ...flags: string[]): Promise<Serving> {
    const serving = new Serving(program, flags);
    serving.announcement = await serving.logLine(/ listening /);
    serving.#port = Number(/address=127\.0\.0\.1:(\d+)/.exec(serving.announcement)?.[1]);
    return serving;
  }

  /** The next line of the log that matches. Throws with what there was where none comes. */
  async logLine(pattern: RegExp): Promise<string> {
    const seen: string[] = [];
    for (;;) {
      const { done, value } = await this.#log.next();
      if (done) throw new Error(`The log ended without ${pattern}:\n${seen.join("\n")}`);
      if (pattern.test(value)) return value;
      seen.push(value);
    }
  }

  /** Connects, and leaves when `fn` has ended. */
  async client<T>(fn: (client: Connection) => Promise<T>): Promise<T> {
    const { net, clock } = realEnv();
    const address = { transport: "tcp", hostname: "127.0.0.1", port: this.#port } as const;
    return await Switch.run(async (sw) =>
      await fn(new Connection(sw, await net.connect(sw, address), { clock }))
    );
  }

  /** Asks it to drain, and waits for its end. Returns its exit code. */
  async stop(): Promise<number> {
    this.#child.kill("SIGTERM");
    while (!(await this.#log.next()).done);
    return (await this.#child.status).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
