/** Where bytes come from: a connection, a file, the output of a process. */
export interface ByteSource {
  /**
   * Reads what there is into `buffer`, at least one byte, and waits where there is none. Resolves
   * to the number of bytes, or to `null` at the end.
   */
  read(buffer: Uint8Array): Promise<number | null>;

  /**
   * Reads without a promise, and without a buffer to wait with, where a source can: calls one method
   * of `receiver`, once, and never before this returns. Ask again for more; who does so in that call
   * waits least.
   */
  receive?(receiver: ByteReceiver): void;
}

/** Takes what comes from a {@linkcode ByteSource}. */
export interface ByteReceiver {
  /** Takes bytes, at least one, which are the receiver's from then on. */
  received(bytes: Uint8Array<ArrayBuffer>): void;

  /** There will be no more. */
  ended(): void;

  /** It could not be read. */
  failed(error: unknown): void;
}

/** Where bytes go: a connection, a file, the input of a process. */
export interface ByteSink {
  /** Writes bytes from `data`, perhaps not all, and resolves to how many. It waits for room. */
  write(data: Uint8Array): Promise<number>;

  /**
   * Writes without a promise, where a sink can. True where all of `data` has been taken; else `done`
   * is called once it is, or cannot be, and until then nothing else may be written. Throws where it
   * cannot be written at all.
   */
  send?(data: string | Uint8Array, done: (error?: Error) => void): boolean;
}
