import type { PlanePoints } from 'ibinn';

/** The plane that is shown and painted on: [−EXTENT, EXTENT]². */
export const EXTENT = 3;
/** As many points as may be painted: an address that holds them is not too long to be sent. */
export const MOST_PAINTED = 250;

/** A point that the visitor painted. */
export interface Painted {
  readonly x: number;
  readonly y: number;
  readonly class: number;
}

/** Steps of a coordinate from edge to edge, so that a point fits 24 bits. */
const STEPS = 1023;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** Letters of one point. */
const LETTERS_EACH = 4;

/** A point where the address can hold it: on a fine grid, within the plane. */
export function onGrid({ x, y, class: label }: Painted): Painted {
  return { x: unpack(pack(x)), y: unpack(pack(y)), class: label };
}

/** The points as letters, four for each: ten bits for a coordinate, three for the class. */
export function writePainted(points: readonly Painted[]): string {
  return points
    .map((point) => {
      const bits = (pack(point.x) << 13) | (pack(point.y) << 3) | point.class;
      return [18, 12, 6, 0].map((shift) => LETTERS[(bits >> shift) & 63]).join('');
    })
    .join('');
}

/** The points that letters stand for; undefined when they stand for none. */
export function readPainted(text: string): readonly Painted[] | undefined {
  const count = text.length / LETTERS_EACH;
  if (!Number.isInteger(count) || count > MOST_PAINTED || /[^\w-]/.test(text)) return undefined;
  const points = Array.from({ length: count }, (_, i) => {
    const letters = [...text.slice(LETTERS_EACH * i, LETTERS_EACH * (i + 1))];
    const bits = letters.reduce((bits, letter) => (bits << 6) | LETTERS.indexOf(letter), 0);
    return { x: unpack(bits >> 13), y: unpack((bits >> 3) & 1023), class: bits & 7 };
  });
  return points.every((point) => point.class < 6) ? points : undefined;
}

/** The points of the first so many classes, as the trainer takes them. */
export function toPlane(points: readonly Painted[], classes: number): PlanePoints {
  const known = points.filter((point) => point.class < classes);
  return {
    x: Float32Array.from(known.flatMap(({ x, y }) => [x, y])),
    classes: Uint8Array.from(known, (point) => point.class),
  };
}

function pack(value: number): number {
  return Math.min(STEPS, Math.max(0, Math.round(((value + EXTENT) / (2 * EXTENT)) * STEPS)));
}

function unpack(step: number): number {
  return (2 * EXTENT * step) / STEPS - EXTENT;
}
