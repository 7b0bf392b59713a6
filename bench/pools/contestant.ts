import { TextLineStream } from "@std/streams";
import { quantileMs } from "@switchyard/switchyard";
import { Generator } from "../load/generator.ts";
import { type Library, nodeFolder } from "../rivals/node_folder.ts";
import type { Rate } from "../rivals/rival.d.ts";
import { ROOT, Server, V8_FLAGS } from "../servers.ts";

/** What is measured: a closed loop of one job. */
export interface Shape {
  readonly deed: "echo" | "burn";
  readonly value: number;
  /** How many jobs are under way at a time. */
  readonly depth: number;
  readonly ms: number;
}

/** A pool in a process of its own, which measures itself when it is told to. */
export interface Contestant extends AsyncDisposable {
  readonly name: string;
  measure(shape: Shape): Promise<Rate>;
}

/** How many workers each has. */
export const WORKERS = navigator.hardwareConcurrency;

/** Our pool, or it in other threads than its lanes. */
export function ours(kind: string, name = "switchyard"): Promise<Contestant> {
  const args = ["run", "--no-prompt", "-A", V8_FLAGS, "bench/pools/rate_child.ts", kind];
  return Promise.resolve(new Child(name, Deno.execPath(), args, ROOT));
}

/** Our server, asked over one connection. */
export async function server(): Promise<Contestant> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await Server.ours("--jobs=bench/jobs"));
  const generator = stack.use(new Generator());
  const open = stack.move();
  return {
    name: "switchyard, by its server",
    async measure({ deed, value, depth, ms }) {
      const script = [{ line: `${deed} ${value}`, reply: `Result: ${value}` }];
      const group = { kind: "closed", connections: 1, depth, script } as const;
      const plan = { ports: [server.port], warmMs: 0, measureMs: ms, groups: [group] };
      const { perSecond, latency } = (await generator.run(plan)).groups[0]!;
      const at = (share: number) => quantileMs(latency, share) * 1000;
      return { perSecond, p50: at(0.5), p99: at(0.99) };
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** A rival on Deno. */
export function onDeno(library: Library): Promise<Contestant> {
  const args = ["run", "--no-prompt", "-A", "bench/rivals/rate_child.js", library];
  return Promise.resolve(new Child(`${library}, Deno`, Deno.execPath(), args, ROOT));
}

/** A rival on Node. */
export async function onNode(library: Library): Promise<Contestant> {
  return new Child(`${library}, Node`, "node", ["rate_child.js", library], await nodeFolder());
}

class Child implements Contestant {
  readonly name: string;
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: AsyncIterator<string>;

  constructor(name: string, command: string, args: readonly string[], cwd: URL) {
    this.name = name;
    this.#process = new Deno.Command(command, {
      args: [...args, String(WORKERS)],
      cwd,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    const text = this.#process.stdout.pipeThrough(new TextDecoderStream());
    this.#answers = text.pipeThrough(new TextLineStream()).values();
  }

  async measure(shape: Shape): Promise<Rate> {
    await this.#input.write(new TextEncoder().encode(`${JSON.stringify(shape)}\n`));
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`${this.name} ended before it had measured`);
    return JSON.parse(value);
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
