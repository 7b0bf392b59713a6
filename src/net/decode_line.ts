/** What a decoder writes in the place of bytes that are no UTF-8, and a character like others. */
const REPLACEMENT = "\ufffd";

/** Up to this many bytes a loop beats any call of a decoder. */
const TINY_BYTES = 8;

// The strict one takes three times as long.
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of the UTF-8 in `bytes` from `start` to `end`, `undefined` where it is none. */
export function decodeLine(bytes: Uint8Array, start: number, end: number): string | undefined {
  const tiny = end - start <= TINY_BYTES ? decodeAscii(bytes, start, end) : undefined;
  if (tiny !== undefined) return tiny;
  const encoded = bytes.subarray(start, end);
  return decodePlain(encoded) ?? decodeStrictly(encoded);
}

/** The text of UTF-8; `undefined` also where it says what a decoder writes for what is none. */
export function decodePlain(bytes: Uint8Array): string | undefined {
  const text = lenient.decode(bytes);
  return text.includes(REPLACEMENT) ? undefined : text;
}

function decodeAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = "";
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte > 0x7f) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

function decodeStrictly(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
