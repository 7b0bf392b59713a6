import type { Defer } from "../switch/mod.ts";

/** Why a {@linkcode FakePipe} cannot go on. */
export type PipeFault = "closed" | "connection-reset";

/** Thrown by a {@linkcode FakePipe}; the connection makes a sentence of it. */
export class PipeError {
  readonly code: PipeFault;

  constructor(code: PipeFault) {
    this.code = code;
  }
}

/** One direction of a fake connection: bytes in their order, not more than it can hold. */
export class FakePipe {
  readonly #capacity: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #ended = false;
  #readerFault: PipeFault | undefined;
  #writerFault: PipeFault | undefined;
  readonly #defer: Defer;
  #wakers: (() => void)[] = [];

  constructor(capacity: number, defer: Defer) {
    this.#capacity = capacity;
    this.#defer = defer;
  }

  /** How many bytes wait to be read. */
  get size(): number {
    return this.#bytes.length;
  }

  /** Waits for bytes; `null` after the last of them. */
  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#readerFault === undefined && this.size === 0 && !this.#ended) await this.#change();
    this.#throwReaderFault();
    if (this.size === 0) return null;
    const taken = this.#bytes.subarray(0, buffer.length);
    buffer.set(taken);
    this.#bytes = this.#bytes.slice(taken.length);
    this.#wake();
    return taken.length;
  }

  /** Waits for room; returns how many bytes found some. */
  async write(data: Uint8Array): Promise<number> {
    while (this.#writerFault === undefined && this.size >= this.#capacity) await this.#change();
    if (this.#writerFault !== undefined) throw new PipeError(this.#writerFault);
    const accepted = data.subarray(0, this.#capacity - this.size);
    const bytes = new Uint8Array(this.size + accepted.length);
    bytes.set(this.#bytes);
    bytes.set(accepted, this.size);
    this.#bytes = bytes;
    this.#wake();
    return accepted.length;
  }

  /** The writer will write no more. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Makes writes fail, one under way too. The first fault stays. */
  failWriter(fault: PipeFault): void {
    this.#writerFault ??= fault;
    this.#wake();
  }

  /** Makes reads fail, one under way too, and drops what was not read. */
  failReader(fault: PipeFault): void {
    this.#readerFault = fault;
    this.#bytes = new Uint8Array(0);
    this.#wake();
  }

  /** As the kernel does: a reset is told once, then the stream has ended. */
  #throwReaderFault(): void {
    const fault = this.#readerFault;
    if (fault === undefined) return;
    if (fault === "connection-reset") {
      this.#readerFault = undefined;
      this.#ended = true;
    }
    throw new PipeError(fault);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => void this.#wakers.push(resolve));
  }

  #wake(): void {
    for (const wake of this.#wakers.splice(0)) this.#defer(wake);
  }
}
