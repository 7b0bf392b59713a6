import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";

/** A PNG of this size, so it says, whose pixels are `data` unpacked. */
export function pngOf(width: number, height: number, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8); // 8 bits, colours with alpha, and nothing special
  const chunks = [chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))];
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return new Uint8Array(Buffer.concat([signature, ...chunks]));
}

/** The beginning of a JPEG of this size. */
export function jpegOf(width: number, height: number): Uint8Array {
  const comment = [0xff, 0xfe, 0, 4, 0xff, 0xc0]; // whose text looks like a frame
  const frame = [0xff, 0xc0, 0, 17, 8, height >> 8, height & 255, width >> 8, width & 255, 3];
  return Uint8Array.from([0xff, 0xd8, ...comment, ...frame, 1, 0x11, 0, 2, 0x11, 1, 3, 0x11, 1]);
}

/** So many zeros, packed. */
export function packedZeros(bytes: number): Uint8Array {
  return deflateSync(new Uint8Array(bytes), { level: 9 });
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
