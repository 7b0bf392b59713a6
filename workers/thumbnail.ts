import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";
import { readImageHeader } from "./_image_header.ts";
import { shrink } from "./_shrink.ts";

/** The most pixels that are decoded: a photo of today, and 64 MB. */
const MAX_PIXELS = 16_000_000;

const DEFAULT_SIZE = 128;
const MAX_SIZE = 1_024;
const SIZE = `Expected a whole number from 1 to ${MAX_SIZE}`;

/** An image of 4 x 4 pixels, to try. */
const TINY =
  "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAYAAACp8Z5+AAAAT0lEQVR4AQFEALv/AP+AyP//gMj//wDI//8AyP8A/4DI//+AyP//AMj//wDI/wAAgMj/AIDI/wAAyP8AAMj/AACAyP8AgMj/AADI/wAAyP/loyhp0i86AwAAAABJRU5ErkJggg==";

export default defineJob({
  name: "thumbnail",
  summary: `A PNG or JPEG made small: its longer side (1 to ${MAX_SIZE}), and its bytes in base64`,
  takes: "a size if any, a blank, and an image in base64",
  examples: [`2 ${TINY}`],
  limits: { deadlineMs: 15_000 },
  pure: true,
  input: v.object({
    image: v.union([
      v.pipe(v.string(), v.nonEmpty("Expected an image"), v.base64("Expected base64")),
      v.instance(Uint8Array),
    ], "Expected the bytes of an image, or their base64"),
    size: v.optional(
      v.pipe(v.number(SIZE), v.integer(SIZE), v.minValue(1, SIZE), v.maxValue(MAX_SIZE, SIZE)),
      DEFAULT_SIZE,
    ),
  }),
  parse(text) {
    const [, size, image] = text.match(/^\s*(?:(\d+)\s+)?(\S*)\s*$/) ?? [];
    if (!image) throw new SyntaxError("Expected a size, if any, and the image in base64");
    return size === undefined ? { image } : { size: Number(size), image };
  },
  async run({ image, size }, { check }) {
    const bytes = typeof image === "string" ? Uint8Array.fromBase64(image) : image;
    const { kind, width, height } = readImageHeader(bytes);
    if (width * height > MAX_PIXELS) {
      throw new RangeError(
        `Cannot read the image: it has ${width} x ${height} pixels, and the limit is ${MAX_PIXELS}`,
      );
    }
    const { decode, encode } = await import("./_codecs.ts");
    const small = await encode(kind, shrink(await decode(kind, bytes), size, check));
    return typeof image === "string" ? small.toBase64() : small;
  },
});
