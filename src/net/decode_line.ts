/** Up to this many bytes a loop over them beats the call of the platform's decoder. */
const SHORT_BYTES = 64;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const scratch: number[] = []; // holds one short line between two statements

/** The text of the UTF-8 in `bytes` from `start` to `end`, `undefined` where it is none. */
export function decodeLine(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start <= SHORT_BYTES && copyAscii(bytes, start, end)) {
    return String.fromCharCode.apply(null, scratch);
  }
  try {
    return decoder.decode(bytes.subarray(start, end));
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function copyAscii(bytes: Uint8Array, start: number, end: number): boolean {
  scratch.length = end - start;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte > 0x7f) return false;
    scratch[i - start] = byte;
  }
  return true;
}
