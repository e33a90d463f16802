import type { LatentMap } from 'ibinn';

/** A point of the plane, in units of latent space. */
export type Point = readonly [number, number];

/** What a map shows: the middle, as a share of the whole map's sides, and how many times it is enlarged. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

/** All of the map. */
export const WHOLE: View = { x: 0.5, y: 0.5, zoom: 1 };
export const MOST_ZOOM = 16;
/** Each press of a button or key enlarges by this. */
export const ZOOM_STEP = 1.6;

/** Free room around what a map shows, as a share of it. */
const MARGIN = 0.08;
/** The outermost images may lie outside: this share of them on each side. */
const OUTSIDE = 0.002;

/** The whole of a map: a rectangle of the plane that holds its images and means, with the proportions of the frame. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The frame for a map whose picture is `aspect` times as wide as high. */
export function frameOf({ x, y, means }: LatentMap, aspect: number): Frame {
  const [left, right] = range([...trimmed(x), ...means.map(([x]) => x)]);
  const [bottom, top] = range([...trimmed(y), ...means.map(([, y]) => y)]);
  const height = (1 + 2 * MARGIN) * Math.max(top - bottom, (right - left) / aspect, 1e-3);
  const width = height * aspect;
  return { left: (left + right - width) / 2, top: (top + bottom + height) / 2, width, height };
}

/** The part of a frame that a view shows. The plane's second axis points up. */
export function part(frame: Frame, { x, y, zoom }: View): Frame {
  const [width, height] = [frame.width / zoom, frame.height / zoom];
  return {
    left: frame.left + x * frame.width - width / 2,
    top: frame.top - y * frame.height + height / 2,
    width,
    height,
  };
}

/** The view enlarged by a factor so that `at`, a place in the picture by shares of its sides, stays where it is. */
export function zoomed(view: View, factor: number, [atX, atY]: Point): View {
  const zoom = Math.min(MOST_ZOOM, Math.max(1, view.zoom * factor));
  const move = (middle: number, at: number) => middle + (at - 0.5) * (1 / view.zoom - 1 / zoom);
  return within({ x: move(view.x, atX), y: move(view.y, atY), zoom });
}

/** The view moved by shares of the picture's sides. */
export function moved(view: View, [dx, dy]: Point): View {
  return within({ ...view, x: view.x + dx / view.zoom, y: view.y + dy / view.zoom });
}

/** The view with a point of the plane in the middle, or as near to it as the whole map allows. */
export function centred(view: View, { left, top, width, height }: Frame, [x, y]: Point): View {
  return within({ ...view, x: (x - left) / width, y: (top - y) / height });
}

/** The nearest view that shows nothing beyond the whole map. */
function within({ x, y, zoom }: View): View {
  const half = 0.5 / zoom;
  const inside = (middle: number) => Math.min(1 - half, Math.max(half, middle));
  return { x: inside(x), y: inside(y), zoom };
}

function trimmed(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  const out = Math.floor(OUTSIDE * sorted.length);
  return sorted.slice(out, sorted.length - out);
}

function range(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}
