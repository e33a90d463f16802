import type { LatentMap } from 'ibinn';
import { type Colours, coloursOf } from './colours.ts';
import { type Frame, frameOf, part, type Point, type View, WHOLE } from './view.ts';

/** When the dial turns, the images move from one map to the other in this time. */
const MOVE_MS = 450;
const DOT_PX = 1.7;
const MEAN_PX = 5.5;
const POINT_PX = 7;
/** Height of the name of a class. */
const NAME_PX = 15;

/** The decision regions of a part of the plane: columns × rows colours, row by row from the top. */
export interface Regions {
  readonly part: Frame;
  readonly columns: number;
  readonly rows: number;
  /** The most probable class of each cell and its posterior. */
  readonly winners: Uint8Array;
  readonly shares: Float32Array;
}

/** Test images and means in the plane of latent space, and an image of the visitor's among them. */
export class Plot {
  readonly canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  #colours: Colours;
  #map: LatentMap | undefined;
  #names: readonly string[] = [];
  #view: View = WHOLE;
  #regions: Regions | undefined;
  #trail: Point[] = [];
  #cross: Point | undefined;
  #from: { readonly map: LatentMap; readonly frame: Frame; readonly started: number } | undefined;
  #frame = 0;

  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext('2d');
    if (!context) throw new Error('This browser has no 2-D canvas.');
    this.canvas = canvas;
    this.#context = context;
    this.#colours = coloursOf(canvas.parentElement ?? document.body, 0);
    new ResizeObserver(() => this.draw()).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#recolour();
      this.draw();
    });
  }

  /** Shows the map of a model; images that it shares with the map before move to their new places. */
  setMap(map: LatentMap | undefined, names: readonly string[]): void {
    const before = this.#map;
    const gently = !matchMedia('(prefers-reduced-motion: reduce)').matches;
    const same = before && map && before.labels.length === map.labels.length && before.labels.every((k, i) => k === map.labels[i]);
    this.#from = before && same && gently ? { map: before, frame: this.whole, started: performance.now() } : undefined;
    this.#map = map;
    this.#names = names;
    this.#regions = undefined;
    this.#trail = [];
    this.#cross = undefined;
    this.#recolour();
    this.draw();
  }

  setView(view: View): void {
    this.#view = view;
    this.draw();
  }

  setRegions(regions: Regions | undefined): void {
    this.#regions = regions;
    this.draw();
  }

  /** Moves the visitor's image; the way that it came stays drawn until `anew`. */
  setPoint(point: Point, anew: boolean): void {
    this.#trail = anew ? [point] : [...this.#trail, point];
    this.draw();
  }

  /** Marks a place of the plane. */
  setCross(cross: Point | undefined): void {
    this.#cross = cross;
    this.draw();
  }

  /** The whole of the map, as large as the picture allows. */
  get whole(): Frame {
    const { clientWidth, clientHeight } = this.canvas;
    const aspect = clientWidth / Math.max(1, clientHeight) || 1;
    return this.#map ? frameOf(this.#map, aspect) : { left: -1, top: 1, width: 2, height: 2 };
  }

  /** What is shown now. */
  get shown(): Frame {
    return part(this.whole, this.#view);
  }

  /** The point of the plane at a place in the picture, given by shares of its sides. */
  toPlane([x, y]: Point): Point {
    const { left, top, width, height } = this.shown;
    return [left + x * width, top - y * height];
  }

  /** The number of the test image whose dot is nearest to a point of the plane; none within a few pixels. */
  nearest([x, y]: Point): number | undefined {
    const map = this.#map;
    if (!map) return undefined;
    const reach = (6 * this.shown.width) / this.canvas.clientWidth;
    let best: { i: number; far: number } | undefined;
    for (let i = 0; i < map.x.length; i++) {
      const far = Math.hypot(map.x[i]! - x, map.y[i]! - y);
      if (far < (best?.far ?? reach)) best = { i, far };
    }
    return best?.i;
  }

  /** Draws with the next frame. */
  draw(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame((now) => this.#draw(now));
  }

  #recolour(): void {
    this.#colours = coloursOf(this.canvas.parentElement ?? document.body, this.#names.length);
  }

  #draw(now: number): void {
    const { canvas } = this;
    const context = this.#context;
    const scale = devicePixelRatio;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
    }
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    const map = this.#map;
    if (!map || width === 0) return;

    const share = this.#from ? Math.min(1, Math.max(0, now - this.#from.started) / MOVE_MS) : 1;
    if (share === 1) this.#from = undefined;
    else this.draw();
    const eased = share * share * (3 - 2 * share);
    const to = placer(part(this.whole, this.#view), width, height);
    const from = this.#from && placer(part(this.#from.frame, this.#view), width, height);
    const mixed = (there: Point, before: Point | undefined): Point => {
      const [x, y] = to(there);
      if (!from || !before) return [x, y];
      const [fromX, fromY] = from(before);
      return [fromX + (x - fromX) * eased, fromY + (y - fromY) * eased];
    };

    if (share === 1) this.#drawRegions(to);
    context.globalAlpha = 0.7;
    const before = this.#from?.map;
    map.labels.forEach((label, i) => {
      const [x, y] = mixed([map.x[i]!, map.y[i]!], before && [before.x[i]!, before.y[i]!]);
      if (x < -5 || y < -5 || x > width + 5 || y > height + 5) return;
      context.fillStyle = this.#colours.classes[label] ?? this.#colours.soft;
      context.fillRect(x - DOT_PX, y - DOT_PX, 2 * DOT_PX, 2 * DOT_PX);
    });
    context.globalAlpha = 1;
    this.#drawMeans(map.means.map((mean, k) => mixed(mean, before?.means[k])));
    this.#drawTrail(to);
    if (this.#cross) this.#drawCross(to(this.#cross));
  }

  /** Tinted by the class that wins, the stronger the surer it is: a pixel a cell, enlarged smoothly. */
  #drawRegions(to: (point: Point) => Point): void {
    const regions = this.#regions;
    const cells = document.createElement('canvas');
    const context = cells.getContext('2d');
    if (!regions || !context) return;
    const { part: area, columns, rows, winners, shares } = regions;
    [cells.width, cells.height] = [columns, rows];
    winners.forEach((winner, i) => {
      context.globalAlpha = 0.3 * Math.max(0, shares[i]! - 0.2);
      context.fillStyle = this.#colours.classes[winner] ?? this.#colours.paper;
      context.fillRect(i % columns, Math.floor(i / columns), 1, 1);
    });
    const [left, top] = to([area.left, area.top]);
    const [right, bottom] = to([area.left + area.width, area.top - area.height]);
    this.#context.drawImage(cells, left, top, right - left, bottom - top);
  }

  /** A disc for the mean of each class, and its name beside it, wherever there is room for it. */
  #drawMeans(places: readonly Point[]): void {
    const context = this.#context;
    places.forEach(([x, y], k) => {
      disc(context, x, y, MEAN_PX + 2, this.#colours.paper);
      disc(context, x, y, MEAN_PX, this.#colours.classes[k] ?? this.#colours.ink);
    });
    context.font = `600 13px ${getComputedStyle(this.canvas).fontFamily}`;
    context.textAlign = 'left';
    const { clientWidth, clientHeight } = this.canvas;
    const taken: Box[] = places.map(([x, y]) => ({ x: x - MEAN_PX, y: y - MEAN_PX, width: 2 * MEAN_PX, height: 2 * MEAN_PX }));
    places.forEach(([x, y], k) => {
      const name = this.#names[k] ?? '';
      const size = { width: context.measureText(name).width, height: NAME_PX };
      const room = around(x, y, size).find(
        (box) =>
          box.x > 2 && box.y > 2 && box.x + box.width < clientWidth - 2 && box.y + box.height < clientHeight - 2 &&
          !taken.some((other) => overlap(box, other)),
      );
      if (!room) return;
      taken.push(room);
      context.lineWidth = 4;
      context.lineJoin = 'round';
      context.strokeStyle = this.#colours.paper;
      context.strokeText(name, room.x, room.y + NAME_PX - 3.5);
      context.fillStyle = this.#colours.ink;
      context.fillText(name, room.x, room.y + NAME_PX - 3.5);
    });
  }

  #drawTrail(to: (point: Point) => Point): void {
    const last = this.#trail.at(-1);
    if (!last) return;
    const context = this.#context;
    const places = this.#trail.map(to);
    for (const [colour, width] of [[this.#colours.paper, 5], [this.#colours.ink, 2]] as const) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.lineJoin = 'round';
      context.beginPath();
      places.forEach(([x, y]) => context.lineTo(x, y));
      context.stroke();
    }
    const [startX, startY] = places[0]!;
    if (places.length > 1) disc(context, startX, startY, 3, this.#colours.ink);
    const [x, y] = inside(to(last), this.canvas);
    disc(context, x, y, POINT_PX + 2.5, this.#colours.paper);
    disc(context, x, y, POINT_PX, this.#colours.accent);
    disc(context, x, y, 2.5, this.#colours.paper);
  }

  #drawCross([x, y]: Point): void {
    const context = this.#context;
    for (const [colour, width] of [[this.#colours.paper, 4], [this.#colours.ink, 1.5]] as const) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.beginPath();
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]] as const) {
        context.moveTo(x + 5 * dx, y + 5 * dy);
        context.lineTo(x + 12 * dx, y + 12 * dy);
      }
      context.stroke();
    }
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

function placer({ left, top, width, height }: Frame, pixelsX: number, pixelsY: number): (point: Point) => Point {
  return ([x, y]) => [((x - left) / width) * pixelsX, ((top - y) / height) * pixelsY];
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
