// What the map consists of, each part painted at places in pixels.

import type { Colours } from './colours.ts';
import type { Frame, Point } from './view.ts';

const MEAN_PX = 5.5;
const RING_PX = 4.5;
const POINT_PX = 7;
/** Height of the name of a class. */
const NAME_PX = 15;

/** What a part of the plane is tinted by: columns × rows colours, row by row from the top. */
export interface Regions {
  readonly part: Frame;
  readonly columns: number;
  readonly rows: number;
  readonly by: 'classes' | 'novelty';
  /** The most probable class of each cell and its posterior; or the number of its verdict, and how strongly it tints. */
  readonly winners: Uint16Array;
  readonly shares: Float32Array;
}

/** Tinted by the class that wins, the stronger the surer it is, or by the verdict: a pixel a cell, enlarged smoothly. */
export function paintRegions(
  context: CanvasRenderingContext2D,
  { part: area, columns, rows, by, winners, shares }: Regions,
  colours: Colours,
  to: (point: Point) => Point,
): void {
  const cells = document.createElement('canvas');
  const pen = cells.getContext('2d');
  if (!pen) return;
  [cells.width, cells.height] = [columns, rows];
  winners.forEach((winner, i) => {
    pen.globalAlpha = 0.3 * Math.max(0, shares[i]! - 0.2);
    pen.fillStyle = (by === 'classes' ? colours.classes : colours.verdicts)[winner] ?? colours.paper;
    pen.fillRect(i % columns, Math.floor(i / columns), 1, 1);
  });
  const [left, top] = to([area.left, area.top]);
  const [right, bottom] = to([area.left + area.width, area.top - area.height]);
  context.drawImage(cells, left, top, right - left, bottom - top);
}

/** A ring where the training images of each class lie on average, and a line from there to its mean. */
export function paintAverages(
  context: CanvasRenderingContext2D,
  places: readonly Point[],
  means: readonly Point[],
  colours: Colours,
): void {
  places.forEach(([x, y], k) => {
    const [toX, toY] = means[k] ?? [x, y];
    for (const [colour, width] of [
      [colours.paper, 4],
      [colours.classes[k] ?? colours.ink, 2],
    ] as const) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.beginPath();
      context.moveTo(toX, toY);
      context.lineTo(x, y);
      context.stroke();
      context.beginPath();
      context.arc(x, y, RING_PX, 0, 2 * Math.PI);
      context.stroke();
    }
  });
}

/** A disc for the mean of each class, and its name beside it, wherever there is room for it. */
export function paintMeans(
  context: CanvasRenderingContext2D,
  places: readonly Point[],
  names: readonly string[],
  colours: Colours,
): void {
  places.forEach(([x, y], k) => {
    disc(context, x, y, MEAN_PX + 2, colours.paper);
    disc(context, x, y, MEAN_PX, colours.classes[k] ?? colours.ink);
  });
  context.font = `600 13px ${getComputedStyle(context.canvas).fontFamily}`;
  context.textAlign = 'left';
  const { clientWidth, clientHeight } = context.canvas;
  const taken: Box[] = places.map(([x, y]) => ({
    x: x - MEAN_PX,
    y: y - MEAN_PX,
    width: 2 * MEAN_PX,
    height: 2 * MEAN_PX,
  }));
  places.forEach(([x, y], k) => {
    const name = names[k] ?? '';
    const size = { width: context.measureText(name).width, height: NAME_PX };
    const room = around(x, y, size).find(
      (box) =>
        box.x > 2 &&
        box.y > 2 &&
        box.x + box.width < clientWidth - 2 &&
        box.y + box.height < clientHeight - 2 &&
        !taken.some((other) => overlap(box, other)),
    );
    if (!room) return;
    taken.push(room);
    context.lineWidth = 4;
    context.lineJoin = 'round';
    context.strokeStyle = colours.paper;
    context.strokeText(name, room.x, room.y + NAME_PX - 3.5);
    context.fillStyle = colours.ink;
    context.fillText(name, room.x, room.y + NAME_PX - 3.5);
  });
}

/** The visitor's image as a ringed point, and the way that it came. */
export function paintTrail(context: CanvasRenderingContext2D, places: readonly Point[], colours: Colours): void {
  const [first, last] = [places[0], places.at(-1)];
  if (!first || !last) return;
  for (const [colour, width] of [
    [colours.paper, 5],
    [colours.ink, 2],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.lineJoin = 'round';
    context.beginPath();
    places.forEach(([x, y]) => context.lineTo(x, y));
    context.stroke();
  }
  if (places.length > 1) disc(context, ...first, 3, colours.ink);
  const [x, y] = inside(last, context.canvas);
  disc(context, x, y, POINT_PX + 2.5, colours.paper);
  disc(context, x, y, POINT_PX, colours.accent);
  disc(context, x, y, 2.5, colours.paper);
}

/** A marked place of the plane. */
export function paintCross(context: CanvasRenderingContext2D, [x, y]: Point, colours: Colours): void {
  for (const [colour, width] of [
    [colours.paper, 4],
    [colours.ink, 1.5],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ] as const) {
      context.moveTo(x + 5 * dx, y + 5 * dy);
      context.lineTo(x + 12 * dx, y + 12 * dy);
    }
    context.stroke();
  }
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where a name may stand beside a disc, the best place first. */
function around(x: number, y: number, { width, height }: { width: number; height: number }): Box[] {
  const far = MEAN_PX + 4;
  const places: Point[] = [
    [x + far, y - height / 2],
    [x - far - width, y - height / 2],
    [x - width / 2, y - far - height],
    [x - width / 2, y + far],
    [x + far, y - far - height],
    [x + far, y + far],
    [x - far - width, y - far - height],
    [x - far - width, y + far],
  ];
  return places.map(([x, y]) => ({ x, y, width, height }));
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function disc(context: CanvasRenderingContext2D, x: number, y: number, radius: number, colour: string): void {
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

/** An image that lies outside of the picture is shown at its edge. */
function inside([x, y]: Point, { clientWidth, clientHeight }: HTMLCanvasElement): Point {
  const edge = POINT_PX + 3;
  return [Math.min(clientWidth - edge, Math.max(edge, x)), Math.min(clientHeight - edge, Math.max(edge, y))];
}
