import type { Shape } from './pixels.ts';
import { fraction, normal } from './random.ts';

/** Ways to disturb an image, all of them gradual; zeros leave it as it is. */
export interface Corruption {
  /** Turn about the centre, degrees, clockwise; what comes in from outside is black. */
  readonly rotation: number;
  /** Standard deviation of Gaussian noise, in units of the pixels' range. */
  readonly noise: number;
  /** Standard deviation of a Gaussian blur, pixels. */
  readonly blur: number;
  /** 1 turns light into dark; at ½ everything is grey. */
  readonly inversion: number;
  /** Side of a black square that covers the image, as a share of the image's own. */
  readonly occlusion: number;
  /** Strength of the paper's rotation of the colours, 0 to 1; nothing to a grey image. */
  readonly colours: number;
}

export type CorruptionName = keyof Corruption;

/** An image left as it is. */
export const INTACT: Corruption = { rotation: 0, noise: 0, blur: 0, inversion: 0, occlusion: 0, colours: 0 };

/** Whether a corruption changes anything. */
export function disturbs(corruption: Corruption): boolean {
  return Object.values(corruption).some((value) => value !== 0);
}

/** The image, C·H·W pixels in [0, 1], disturbed; always in the same order, and with the same noise every time. */
export function corrupt(pixels: Float32Array, shape: Shape, corruption: Corruption): Float32Array {
  const { rotation, noise, blur, inversion, occlusion, colours } = corruption;
  let image = pixels;
  if (rotation !== 0) image = rotated(image, shape, (rotation * Math.PI) / 180);
  if (blur > 0) image = blurred(image, shape, blur);
  if (colours > 0 && shape.channels === 3) image = recoloured(image, shape, colours);
  if (inversion > 0) image = image.map((value) => value + inversion * (1 - 2 * value));
  if (occlusion > 0) image = occluded(image, shape, occlusion);
  if (noise > 0) image = image.map((value, i) => clamp(value + noise * normal(i)));
  return image;
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** Every pixel is read between the four around the place that it was turned from. */
function rotated(pixels: Float32Array, { channels, height, width }: Shape, angle: number): Float32Array {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  const turned = new Float32Array(pixels.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const fromX = middleX + cos * (x - middleX) + sin * (y - middleY);
      const fromY = middleY - sin * (x - middleX) + cos * (y - middleY);
      const [left, top] = [Math.floor(fromX), Math.floor(fromY)];
      const [right, down] = [fromX - left, fromY - top];
      for (let c = 0; c < channels; c++) {
        const at = (row: number, column: number) =>
          row < 0 || row >= height || column < 0 || column >= width ? 0 : pixels[(c * height + row) * width + column]!;
        turned[(c * height + y) * width + x] =
          (1 - down) * ((1 - right) * at(top, left) + right * at(top, left + 1)) +
          down * ((1 - right) * at(top + 1, left) + right * at(top + 1, left + 1));
      }
    }
  }
  return turned;
}

/** Rows, then columns; beyond the border the outermost pixels go on. */
function blurred(pixels: Float32Array, shape: Shape, deviation: number): Float32Array {
  const reach = Math.ceil(3 * deviation);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-0.5 * ((i - reach) / deviation) ** 2));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const along = (image: Float32Array, stepX: number, stepY: number) => {
    const { channels, height, width } = shape;
    const result = new Float32Array(image.length);
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          let sum = 0;
          weights.forEach((weight, i) => {
            const row = Math.min(height - 1, Math.max(0, y + stepY * (i - reach)));
            const column = Math.min(width - 1, Math.max(0, x + stepX * (i - reach)));
            sum += weight * image[(c * height + row) * width + column]!;
          });
          result[(c * height + y) * width + x] = sum / total;
        }
      }
    }
    return result;
  };
  return along(along(pixels, 1, 0), 0, 1);
}

/** The paper's rotation of the colours about the middle of their cube (method.md §4.5). */
function recoloured(pixels: Float32Array, { height, width }: Shape, strength: number): Float32Array {
  const [a, b] = [0.2 * Math.PI * strength ** 0.7, Math.PI * strength ** 1.2];
  const [cosA, sinA, cosB, sinB] = [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b)];
  const rows = [
    [cosB, 0, sinB],
    [sinA * sinB, cosA, -sinA * cosB],
    [-cosA * sinB, sinA, cosA * cosB],
  ];
  const plane = height * width;
  return pixels.map((_, i) => {
    const [channel, place] = [Math.floor(i / plane), i % plane];
    const mixed = rows[channel]!.reduce((sum, weight, c) => sum + weight * (pixels[c * plane + place]! - 0.5), 0.5);
    return clamp(mixed);
  });
}

/** A square, somewhere near the middle, the same every time; its edge covers pixels in part. */
function occluded(pixels: Float32Array, { height, width }: Shape, share: number): Float32Array {
  const side = share * Math.min(height, width);
  const [centreX, centreY] = [width * (0.5 + 0.2 * (fraction(0) - 0.5)), height * (0.5 + 0.2 * (fraction(1) - 0.5))];
  const covered = (pixel: number, centre: number) =>
    Math.max(0, Math.min(pixel + 1, centre + side / 2) - Math.max(pixel, centre - side / 2));
  return pixels.map((value, i) => {
    const [x, y] = [i % width, Math.floor(i / width) % height];
    return value * (1 - covered(x, centreX) * covered(y, centreY));
  });
}
