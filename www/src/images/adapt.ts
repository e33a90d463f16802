import type { Shape } from './pixels.ts';

/** This share of the pixels may become white. */
const BRIGHTEST = 0.02;

/**
 * Brings an image to what the models were trained on, something light on black: the tone of its border becomes black,
 * and what differs most from it white. A light ground turns the image around.
 */
export function adapt(bytes: Uint8Array, { channels, height, width }: Shape): Uint8Array {
  const plane = height * width;
  const border = isBorder(height, width);
  const adapted = new Uint8Array(bytes.length);
  for (let c = 0; c < channels; c++) {
    const channel = bytes.subarray(c * plane, (c + 1) * plane);
    const ground = median([...channel].filter((_, i) => border(i)));
    const total = channel.reduce((sum, value) => sum + value - ground, 0);
    const sign = total < 0 ? -1 : 1;
    const heights = Array.from(channel, (value) => Math.max(0, sign * (value - ground)));
    const sorted = [...heights].sort((a, b) => a - b);
    const top = Math.max(1, sorted[Math.floor((1 - BRIGHTEST) * (plane - 1))]!);
    heights.forEach((height, i) => (adapted[c * plane + i] = Math.min(255, Math.round((255 * height) / top))));
  }
  return adapted;
}

/** The share of light in an image's outermost pixels, from 0 to 1. */
export function borderLight(bytes: Uint8Array, { height, width }: Shape): number {
  const border = isBorder(height, width);
  const values = bytes.filter((_, i) => border(i));
  return values.reduce((sum, value) => sum + value, 0) / values.length / 255;
}

/** Whether a pixel is one of the outermost, by its number. */
function isBorder(height: number, width: number): (i: number) => boolean {
  return (i) => {
    const [x, y] = [i % width, Math.floor(i / width) % height];
    return x === 0 || y === 0 || x === width - 1 || y === height - 1;
  };
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? 0;
}
