// @ts-self-types="./_wasm.d.ts"

/**
 * The image codecs as compiled WebAssembly. This is JavaScript because TypeScript cannot read
 * `import source` yet: it compiles a module as the lane loads it, without a permission to read.
 *
 * @module
 */

import source jpegDecoder from "@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm";
import source jpegEncoder from "@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm";
import source pngCodec from "@jsquash/png/codec/pkg/squoosh_png_bg.wasm";

export { jpegDecoder, jpegEncoder, pngCodec };
