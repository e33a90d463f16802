import type { Shape } from './pixels.ts';

/** What can be put on the canvas by one click: things that no model was trained on, and what is left of one that it was. */
export const TRIES = ['letter', 'smiley', 'seven', 'photograph', 'noise', 'black'] as const;
export type Try = (typeof TRIES)[number];

/** They are drawn at this many times the model's size, then averaged down. */
const FINE = 8;
/** Sides of the sheet that strokes are drawn on. */
const SHEET = 28;

type Stroke = (pen: OffscreenCanvasRenderingContext2D) => void;

const STROKES: Record<'letter' | 'smiley' | 'seven', Stroke> = {
  letter: (pen) => {
    path(pen, [7, 23], [14, 5], [21, 23]);
    path(pen, [9.5, 17], [18.5, 17]);
  },
  smiley: (pen) => {
    pen.beginPath();
    pen.arc(14, 14, 9.5, 0, 2 * Math.PI);
    pen.stroke();
    pen.beginPath();
    pen.arc(14, 13.5, 5.25, 0.15 * Math.PI, 0.85 * Math.PI);
    pen.stroke();
    for (const x of [10.5, 17.5]) path(pen, [x, 11], [x, 11.5]);
  },
  seven: (pen) => {
    path(pen, [7, 6.5], [20.5, 6.5], [12, 23]);
  },
};

/** One of them as C·H·W bytes, the same every time. */
export function drawTry(which: Try, shape: Shape): Uint8Array {
  const { channels, height, width } = shape;
  const bytes = new Uint8Array(channels * height * width);
  switch (which) {
    case 'black':
      return bytes;
    case 'noise':
      return bytes.map((_, i) => hash(i) & 255);
    case 'photograph':
      return bytes.map((_, i) => scene(i, shape));
    default:
      return stroked(STROKES[which], shape);
  }
}

/** The lower half of an image taken away. */
export function halfOf(bytes: Uint8Array, { height, width }: Shape): Uint8Array {
  const plane = height * width;
  return bytes.map((value, i) => (i % plane < (height >> 1) * width ? value : 0));
}

function path(pen: OffscreenCanvasRenderingContext2D, ...points: readonly (readonly [number, number])[]): void {
  pen.beginPath();
  for (const [x, y] of points) pen.lineTo(x, y);
  pen.stroke();
}

function stroked(stroke: Stroke, { channels, height, width }: Shape): Uint8Array {
  const sheet = new OffscreenCanvas(width * FINE, height * FINE);
  const bytes = new Uint8Array(channels * height * width);
  const pen = sheet.getContext('2d', { willReadFrequently: true });
  if (!pen) return bytes;
  const scale = (FINE * Math.min(width, height)) / SHEET;
  pen.translate((width * FINE - SHEET * scale) / 2, (height * FINE - SHEET * scale) / 2);
  pen.scale(scale, scale);
  Object.assign(pen, { strokeStyle: '#fff', lineWidth: 2.5, lineCap: 'round', lineJoin: 'round' });
  stroke(pen);
  const { data } = pen.getImageData(0, 0, sheet.width, sheet.height);
  const plane = height * width;
  for (let i = 0; i < plane; i++) {
    const [x, y] = [(i % width) * FINE, Math.floor(i / width) * FINE];
    let sum = 0;
    for (let dy = 0; dy < FINE; dy++) {
      for (let dx = 0; dx < FINE; dx++) sum += data[4 * ((y + dy) * sheet.width + x + dx) + 3]!;
    }
    for (let c = 0; c < channels; c++) bytes[c * plane + i] = Math.round(sum / FINE ** 2);
  }
  return bytes;
}

/** A landscape as photographs have it: a sky that pales downwards, hills that darken, and grain that is coarse and fine. */
function scene(i: number, { height, width }: Shape): number {
  const plane = height * width;
  const [channel, x, y] = [Math.floor(i / plane), (i % width) / width, Math.floor((i % plane) / width) / height];
  const tints = [
    [0.55, 0.62, 0.75],
    [0.3, 0.38, 0.25],
  ];
  const ridge = 0.52 + 0.09 * Math.sin(5.5 * x + 0.6) + 0.04 * Math.sin(13 * x);
  const isSky = y < ridge;
  const light = isSky ? 0.75 + 0.45 * y : 0.85 - 0.6 * (y - ridge);
  const grain = 0.07 * (smooth(6 * x, 6 * y) - 0.5) + (isSky ? 0.02 : 0.22) * (smooth(17 * x, 17 * y) - 0.5);
  const [sky, ground] = tints;
  const tint = (isSky ? sky : ground)?.[channel] ?? 0.5;
  return Math.round(255 * Math.min(1, Math.max(0, tint * light + grain)));
}

/** Value noise: random at whole places, smooth between them, from 0 to 1. */
function smooth(x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const ease = (t: number) => t * t * (3 - 2 * t);
  const [tx, ty] = [ease(x - left), ease(y - top)];
  const at = (dx: number, dy: number) => (hash(1000 * (top + dy) + left + dx) & 0xffff) / 0xffff;
  const upper = at(0, 0) + (at(1, 0) - at(0, 0)) * tx;
  const lower = at(0, 1) + (at(1, 1) - at(0, 1)) * tx;
  return upper + (lower - upper) * ty;
}

/** A number that looks random, of another (a multiply-xorshift mix). */
function hash(value: number): number {
  let mixed = Math.imul(value + 1, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca77);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae3d);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
