import type { ByteSource } from "./bytes.ts";
import type { ChildOutput } from "./child.ts";

/** The output of a process, which tells when there is nothing left of it. */
export class OutputPipe implements ByteSource {
  /** Resolves when the pipe has ended, or was closed. Never rejects. */
  readonly ended: Promise<void>;
  readonly #output: ChildOutput;
  readonly #end: () => void;

  constructor(output: ChildOutput) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#output = output;
    this.ended = promise;
    this.#end = resolve;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    const count = await this.#output.read(buffer);
    if (count === null) this.#end();
    return count;
  }

  async close(): Promise<void> {
    await this.#output.close();
    this.#end();
  }
}
