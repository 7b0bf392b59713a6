/** Decodes JPEG: mozjpeg. */
export const jpegDecoder: WebAssembly.Module;

/** Encodes JPEG: mozjpeg. */
export const jpegEncoder: WebAssembly.Module;

/** Decodes and encodes PNG: the Rust crate of that name. */
export const pngCodec: WebAssembly.Module;
