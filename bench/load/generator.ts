import { TextLineStream } from "@std/streams";
import type { Exchange, LoadResult, Plan } from "./plan.ts";

/** What the generator is told to do. */
export type Order =
  | { readonly kind: "run"; readonly plan: Plan }
  | {
    readonly kind: "hold";
    readonly port: number;
    readonly connections: number;
    readonly script: readonly Exchange[];
  }
  | { readonly kind: "release" };

/** What it answers. */
export type Answer = { readonly result: LoadResult | null } | { readonly error: string };

/** The load generator, in a process of its own. */
export class Generator implements AsyncDisposable {
  readonly #process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "-A", new URL("./main.ts", import.meta.url).href],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  readonly #orders = this.#process.stdin.getWriter();
  readonly #answers = this.#process.stdout
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream())
    .values();

  /** Puts a load on a server. Rejects where a reply was wrong, missing or out of its order. */
  async run(plan: Plan): Promise<LoadResult> {
    return (await this.#order({ kind: "run", plan }))!;
  }

  /** Connects clients that ask one thing each, and stay until they are released. */
  async hold(port: number, connections: number, script: readonly Exchange[]): Promise<void> {
    await this.#order({ kind: "hold", port, connections, script });
  }

  /** Lets those who were held leave. */
  async release(): Promise<void> {
    await this.#order({ kind: "release" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#orders.close();
    await this.#process.status;
    await this.#answers.return?.();
  }

  async #order(order: Order): Promise<LoadResult | null> {
    await this.#orders.write(new TextEncoder().encode(`${JSON.stringify(order)}\n`));
    const { value, done } = await this.#answers.next();
    if (done) throw new Error("Cannot measure: the load generator has ended");
    const answer = JSON.parse(value) as Answer;
    if ("error" in answer) throw new Error(answer.error);
    return answer.result;
  }
}
