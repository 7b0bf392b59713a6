import createJpegDecoder from "@jsquash/jpeg/codec/dec/mozjpeg_dec.js";
import createJpegEncoder from "@jsquash/jpeg/codec/enc/mozjpeg_enc.js";
import { defaultOptions as JPEG_OPTIONS } from "@jsquash/jpeg/meta.js";
import * as png from "@jsquash/png/codec/pkg/squoosh_png.js";
import type { ImageKind } from "./_image_header.ts";
import type { Pixels } from "./_shrink.ts";
import { jpegDecoder, jpegEncoder, pngCodec } from "./_wasm.js";

/** The pixels of an image; of a photo as it was held. Throws where the bytes are damaged. */
export async function decode(kind: ImageKind, bytes: Uint8Array): Promise<Pixels> {
  if (kind === "jpeg") return await decodeJpeg(bytes);
  return guard(() => pngs().decode(bytes) as Pixels, () => "the PNG is damaged");
}

/** The image as a file, without what else the original carried: no place, no camera, no comments. */
export async function encode(kind: ImageKind, pixels: Pixels): Promise<Uint8Array<ArrayBuffer>> {
  const { data, width, height } = pixels;
  if (kind === "png") return pngs().encode(new Uint8Array(data.buffer), width, height, 8).slice();
  const encoder = await createJpegEncoder(jpegModule(jpegEncoder));
  return encoder.encode(data, width, height, JPEG_OPTIONS).slice();
}

function pngs(): typeof png {
  png.initSync(pngCodec); // once: a second time it does nothing
  return png;
}

/** With an instance of its own, whose memory goes with it: WebAssembly's only ever grows. */
async function decodeJpeg(bytes: Uint8Array): Promise<Pixels> {
  const said: string[] = [];
  const printErr = (text: string) => void said.push(text);
  const decoder = await createJpegDecoder({ ...jpegModule(jpegDecoder), printErr });
  return guard(
    () => decoder.decode(bytes, true),
    () => `the JPEG is damaged: ${said.at(-1) ?? "it cannot be read"}`,
  );
}

/** Options for a module of Emscripten, which else would fetch its code. */
function jpegModule(code: WebAssembly.Module) {
  return {
    noInitialRun: true,
    instantiateWasm(
      imports: WebAssembly.Imports,
      created: (instance: WebAssembly.Instance) => void,
    ) {
      const instance = new WebAssembly.Instance(code, imports);
      created(instance);
      return instance.exports;
    },
  };
}

function guard(decoded: () => Pixels | null, why: () => string): Pixels {
  let cause: unknown;
  try {
    const pixels = decoded();
    if (pixels !== null) return pixels;
  } catch (error) {
    cause = error;
  }
  throw new SyntaxError(`Cannot read the image: ${why()}`, { cause });
}
