/** The authority to draw random numbers. */
export interface Random {
  /** A number from 0 (included) to 1 (excluded). */
  next(): number;

  /** `length` random bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer>;

  /** A random UUID (version 4). */
  uuid(): string;
}
