/** The kinds of image that are read. */
export type ImageKind = "png" | "jpeg";

/** What an image says of itself before it is decoded. */
export interface ImageHeader {
  readonly kind: ImageKind;
  readonly width: number;
  readonly height: number;
}

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Where a PNG keeps its width and then its height: IHDR is its first chunk. */
const PNG_SIZE_AT = 16;

/**
 * What the image is, and how large it would become, from its first bytes: a file of a few kilobytes
 * may hold gigabytes of pixels. Throws a SyntaxError for what is neither PNG nor JPEG.
 */
export function readImageHeader(bytes: Uint8Array): ImageHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isPng = PNG_SIGNATURE.every((byte, i) => bytes[i] === byte);
  if (isPng && bytes.length >= PNG_SIZE_AT + 8) {
    const [width, height] = [view.getUint32(PNG_SIZE_AT), view.getUint32(PNG_SIZE_AT + 4)];
    return { kind: "png", width, height };
  }
  const frame = bytes[0] === 0xff && bytes[1] === 0xd8 ? findJpegFrame(view) : undefined;
  if (frame !== undefined) return frame;
  throw new SyntaxError("Cannot read the image: expected the bytes of a PNG or a JPEG");
}

/** Goes from marker to marker to the one that begins the frame, and holds its size. */
function findJpegFrame(view: DataView): ImageHeader | undefined {
  for (let at = 2; at + 9 <= view.byteLength && view.getUint8(at) === 0xff;) {
    const marker = view.getUint8(at + 1);
    if (isFrameStart(marker)) {
      return { kind: "jpeg", width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    }
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/** SOF0 to SOF15, less the three among them that mean something else. */
function isFrameStart(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}
