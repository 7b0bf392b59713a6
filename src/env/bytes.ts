/** Where bytes come from: a connection, a file, the output of a process. */
export interface ByteSource {
  /**
   * Reads what there is into `buffer`, at least one byte, and waits where there is none. Resolves
   * to the number of bytes, or to `null` at the end.
   */
  read(buffer: Uint8Array): Promise<number | null>;
}

/** Where bytes go: a connection, a file, the input of a process. */
export interface ByteSink {
  /** Writes bytes from `data`, perhaps not all, and resolves to how many. It waits for room. */
  write(data: Uint8Array): Promise<number>;
}
