import type { Shape } from './pixels.ts';

/**
 * Averages just below a half are rounded up as well, so that those that are exactly a half do not depend on the order of
 * the sums, and the trainer reads the same bytes.
 */
const NEAR_HALF = 1e-6;

/** A picture as canvases hold it: red, green, blue and opacity, row by row. */
export interface Rgba {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/**
 * Fits a picture of any size into a model's image, as C·H·W bytes. Each pixel is the average over the area that it
 * covers; colour becomes grey where the model is grey, what is transparent becomes white. A picture of another
 * shape keeps its proportions and is framed in the average tone of its own border.
 *
 * For pictures of the model's proportions this is what the trainer does with `--image`.
 */
export function fit(picture: Rgba, shape: Shape): Uint8Array {
  const scale = Math.min(shape.width / picture.width, shape.height / picture.height);
  const width = Math.min(shape.width, Math.max(1, Math.round(picture.width * scale)));
  const height = Math.min(shape.height, Math.max(1, Math.round(picture.height * scale)));
  const inner = average(picture, width, height, shape.channels);
  return frame(inner, { ...shape, width, height }, shape);
}

/** The share of light in an image's outermost pixels, from 0 to 1. */
export function borderLight(bytes: Uint8Array, shape: Shape): number {
  const means = borderMeans(bytes, shape);
  return means.reduce((sum, mean) => sum + mean, 0) / means.length / 255;
}

function average(picture: Rgba, width: number, height: number, channels: number): Uint8Array {
  const columns = cover(picture.width, width);
  const rows = cover(picture.height, height);
  const bytes = new Uint8Array(channels * width * height);
  // Rows first, then columns: each pixel of a large picture is touched once.
  const line = new Float64Array(3 * picture.width);
  rows.forEach((parts, y) => {
    line.fill(0);
    for (const [row, share] of parts) addRow(line, picture, row, share);
    columns.forEach((spans, x) => {
      const colour = [0, 0, 0];
      for (const [column, share] of spans) {
        for (let c = 0; c < 3; c++) colour[c]! += share * line[3 * column + c]!;
      }
      const [red, green, blue] = colour as [number, number, number];
      const values = channels === 1 ? [0.299 * red + 0.587 * green + 0.114 * blue] : colour;
      values.forEach((value, c) => (bytes[(c * height + y) * width + x] = Math.round(value + NEAR_HALF)));
    });
  });
  return bytes;
}

/** Adds a row of the picture, on white ground, to `line`. */
function addRow(line: Float64Array, { data, width }: Rgba, row: number, share: number): void {
  for (let x = 0; x < width; x++) {
    const at = 4 * (row * width + x);
    const opacity = data[at + 3]! / 255;
    for (let c = 0; c < 3; c++) line[3 * x + c]! += share * (255 + (data[at + c]! - 255) * opacity);
  }
}

/** For each of `to` equal parts of a line: which of its `from` pixels lie under it, and with what share. */
function cover(from: number, to: number): [number, number][][] {
  const step = from / to;
  return Array.from({ length: to }, (_, i) => {
    const [start, end] = [i * step, (i + 1) * step];
    const parts: [number, number][] = [];
    for (let pixel = Math.floor(start); pixel < Math.min(Math.ceil(end), from); pixel++) {
      const share = (Math.min(end, pixel + 1) - Math.max(start, pixel)) / step;
      if (share > 0) parts.push([pixel, share]);
    }
    return parts;
  });
}

function frame(inner: Uint8Array, from: Shape, to: Shape): Uint8Array {
  const [left, top] = [Math.floor((to.width - from.width) / 2), Math.floor((to.height - from.height) / 2)];
  const tones = borderMeans(inner, from);
  const bytes = new Uint8Array(to.channels * to.width * to.height);
  for (let c = 0; c < to.channels; c++) {
    bytes.fill(Math.round(tones[c]!), c * to.width * to.height, (c + 1) * to.width * to.height);
    for (let y = 0; y < from.height; y++) {
      const row = inner.subarray((c * from.height + y) * from.width, (c * from.height + y + 1) * from.width);
      bytes.set(row, (c * to.height + top + y) * to.width + left);
    }
  }
  return bytes;
}

function borderMeans(bytes: Uint8Array, { channels, height, width }: Shape): number[] {
  return Array.from({ length: channels }, (_, c) => {
    let [sum, count] = [0, 0];
    for (let y = 0; y < height; y++) {
      const step = y === 0 || y === height - 1 ? 1 : Math.max(1, width - 1);
      for (let x = 0; x < width; x += step) {
        sum += bytes[(c * height + y) * width + x]!;
        count++;
      }
    }
    return sum / count;
  });
}
