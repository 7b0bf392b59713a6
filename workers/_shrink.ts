/** An image as red, green, blue and alpha, a byte each. */
export interface Pixels {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/** Called once a row, and may throw to end the work. */
type Check = () => void;

/**
 * The image so small that its longer side has `size` pixels; one that is smaller is left as it is.
 * Each new pixel is the mean of those that it covers, and what is transparent counts for less.
 */
export function shrink(image: Pixels, size: number, check: Check): Pixels {
  const scale = Math.min(1, size / Math.max(image.width, image.height));
  if (scale === 1) return image;
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    check();
    const rows = covered(y, height, image.height);
    for (let x = 0; x < width; x++) {
      writeMean(data, (y * width + x) * 4, image, covered(x, width, image.width), rows);
    }
  }
  return { data, width, height };
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Which of `old` pixels in a line the `i`-th of `count` covers: one at least. */
function covered(i: number, count: number, old: number): Span {
  const from = Math.floor(i * old / count);
  return { from, to: Math.max(from + 1, Math.floor((i + 1) * old / count)) };
}

function writeMean(to: Uint8ClampedArray, at: number, image: Pixels, columns: Span, rows: Span) {
  let red = 0, green = 0, blue = 0, alpha = 0;
  for (let y = rows.from; y < rows.to; y++) {
    const end = (y * image.width + columns.to) * 4;
    for (let i = (y * image.width + columns.from) * 4; i < end; i += 4) {
      const weight = image.data[i + 3]!;
      red += image.data[i]! * weight;
      green += image.data[i + 1]! * weight;
      blue += image.data[i + 2]! * weight;
      alpha += weight;
    }
  }
  const total = Math.max(alpha, 1);
  to[at] = red / total;
  to[at + 1] = green / total;
  to[at + 2] = blue / total;
  to[at + 3] = alpha / ((rows.to - rows.from) * (columns.to - columns.from));
}
