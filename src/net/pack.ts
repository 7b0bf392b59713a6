/** A part of what is to be sent. */
export type Piece = string | Uint8Array;

/** Bytes for one write, and how much of the pieces they are: UTF-16 units of text, bytes of bytes. */
export interface Packet {
  readonly bytes: Uint8Array;
  readonly units: number;
}

const encoder = new TextEncoder();

/** Makes pieces into packets that are as full as may be, one after the other in the same buffer. */
export class Packer {
  readonly #pieces: readonly Piece[];
  readonly #buffer: Uint8Array;
  #index = 0; // of the piece
  #at = 0; // in it

  constructor(pieces: readonly Piece[], buffer: Uint8Array) {
    this.#pieces = pieces;
    this.#buffer = buffer;
  }

  /** The next packet, in the place of the one before; `undefined` after the last one. */
  next(): Packet | undefined {
    let [filled, units] = [0, 0];
    for (; this.#index < this.#pieces.length; this.#index++) {
      const piece = this.#pieces[this.#index]!;
      const room = filled === 0 ? this.#buffer : this.#buffer.subarray(filled);
      const { read, written } = put(piece, this.#at, room);
      filled += written;
      units += read;
      this.#at += read;
      if (this.#at < piece.length) break;
      this.#at = 0;
    }
    return filled === 0 ? undefined : { bytes: this.#buffer.subarray(0, filled), units };
  }
}

/** Puts as much of a piece, from `at` on, as there is room for. */
function put(piece: Piece, at: number, room: Uint8Array): { read: number; written: number } {
  if (typeof piece === "string") {
    return encoder.encodeInto(at === 0 ? piece : piece.slice(at), room);
  }
  const part = piece.subarray(at, at + room.length);
  room.set(part);
  return { read: part.length, written: part.length };
}
