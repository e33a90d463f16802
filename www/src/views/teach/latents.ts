import type { Model } from 'ibinn';
import { canvas, create, element, penOf } from '../../dom.ts';
import { fromBytes, paint } from '../../images/pixels.ts';
import { type Colours, coloursOf } from '../map/colours.ts';
import { alignment, type Point } from './alignment.ts';
import type { PictureSet } from './set.ts';

/** Pictures on the map, at most: as many of each class. */
const MOST = 120;
/** Pictures move to where they lie now in this time. */
const MOVE_MS = 600;
/** Side of a picture on the map, pixels of the page, and of what is on the easel. */
const SIDE_PX = 20;
const EASEL_PX = 30;
const BORDER_PX = 2;
/** Free room around the pictures, as a share of the map's sides. */
const MARGIN = 0.09;

/** Multiples of it, less their whole part, lie evenly between 0 and 1. */
const GOLDEN = 0.618;

/** A picture on the map. */
interface Placed {
  readonly picture: HTMLCanvasElement;
  readonly label: number;
  /** How far above or below its latent it is shown. */
  readonly lifted: number;
  /** Where it was, and where it lies now, in units of latent space. */
  from: Point;
  to: Point;
}

/** The part of the plane that is shown. */
interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The taught pictures where their latents lie, in the plane in which the means differ most; they move as the flow is trained.
 * What is on the easel lies among them.
 */
export class Latents {
  readonly #canvas = canvas('teach-map');
  readonly #pen = penOf(this.#canvas);
  readonly #painted = new WeakMap<Uint8Array, HTMLCanvasElement>();
  #placed = new Map<Uint8Array, Placed>();
  #area: { from: Area; to: Area } | undefined;
  #easel: { readonly picture: HTMLCanvasElement; readonly at: Point } | undefined;
  /** From the model's plane to the one that is shown, which does not tumble. */
  #turn = (point: Point) => point;
  #colours: Colours | undefined;
  #classes = 0;
  #moving = 0;
  #frame = 0;

  constructor() {
    new ResizeObserver(() => this.#draw()).observe(this.#canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#colours = undefined;
      this.#draw();
    });
  }

  /** Moves the pictures to where a model of their classes has them. */
  async show(model: Model, { classes, shape }: PictureSet): Promise<void> {
    const each = Math.floor(MOST / classes.length);
    const chosen = classes.flatMap(({ pictures }, label) => spread(pictures, each).map((bytes) => ({ bytes, label })));
    if (chosen.length === 0 || model.spec.dims !== chosen[0]!.bytes.length) return;
    const pixels = new Float32Array(chosen.length * model.spec.dims);
    chosen.forEach(({ bytes }, i) => pixels.set(fromBytes(bytes), i * model.spec.dims));
    const points = pairs(await model.project((await model.encode(pixels)).z));
    const before = chosen.map(({ bytes }) => this.#placed.get(bytes)?.to);
    this.#turn = alignment(points, before);
    const gently = !matchMedia('(prefers-reduced-motion: reduce)').matches;
    const placed = chosen.map(({ bytes, label }, i): [Uint8Array, Placed] => {
      const to = this.#turn(points[i]!);
      let picture = this.#painted.get(bytes);
      if (!picture) {
        picture = create('canvas');
        paint(picture, bytes, shape);
        this.#painted.set(bytes, picture);
      }
      // Two means differ in one direction. The other one is free, and keeps pictures from lying on each other.
      const lifted = classes.length > 2 ? 0 : ((i * GOLDEN) % 1) - 0.5;
      return [bytes, { picture, label, lifted, from: (gently && before[i]) || to, to }];
    });
    this.#placed = new Map(placed);
    if (this.#classes !== classes.length) this.#colours = undefined;
    this.#classes = classes.length;
    const area = areaOf(placed.map(([, { to, lifted }]) => [to[0], to[1] + lifted]));
    this.#area = { from: gently && this.#area ? this.#area.to : area, to: area };
    this.#easel = undefined;
    this.#moving = performance.now();
    element('teach-latents').hidden = false;
    this.#draw();
  }

  /** Shows where what is on the easel lies: its latent z, and what a canvas shows of it; nothing where it is empty. */
  async look(model: Model, z: Float32Array | undefined, bytes: Uint8Array | undefined): Promise<void> {
    if (!z || !bytes || this.#placed.size === 0) {
      this.#easel = undefined;
      return this.#draw();
    }
    const [at] = pairs(await model.project(z));
    if (!at) return;
    const picture = create('canvas');
    paint(picture, bytes, model.spec);
    this.#easel = { picture, at: this.#turn(at) };
    this.#draw();
  }

  clear(): void {
    this.#placed = new Map();
    this.#area = this.#easel = undefined;
    element('teach-latents').hidden = true;
  }

  #draw(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame((now) => this.#paint(now));
  }

  #paint(now: number): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const [pen, area] = [this.#pen, this.#area];
    const scale = devicePixelRatio;
    const [pixelsX, pixelsY] = [Math.round(width * scale), Math.round(height * scale)];
    if (this.#canvas.width !== pixelsX) this.#canvas.width = pixelsX;
    if (this.#canvas.height !== pixelsY) this.#canvas.height = pixelsY;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, width, height);
    if (!area || width === 0) return;
    this.#colours ??= coloursOf(element('teach-latents'), this.#classes);
    const colours = this.#colours;

    const share = Math.min(1, Math.max(0, now - this.#moving) / MOVE_MS);
    const eased = share * share * (3 - 2 * share);
    const place = (from: Point, to: Point, lifted = 0): Point => {
      const [before, after] = [placeIn(area.from, from, lifted), placeIn(area.to, to, lifted)];
      const mixed = (k: 0 | 1) => before[k] + (after[k] - before[k]) * eased;
      return [mixed(0) * width, mixed(1) * height];
    };
    const put = (picture: HTMLCanvasElement, [x, y]: Point, side: number, colour: string) => {
      pen.fillStyle = colour;
      pen.fillRect(x - side / 2 - BORDER_PX, y - side / 2 - BORDER_PX, side + 2 * BORDER_PX, side + 2 * BORDER_PX);
      pen.drawImage(picture, x - side / 2, y - side / 2, side, side);
    };
    pen.imageSmoothingEnabled = true;
    for (const { picture, label, lifted, from, to } of this.#placed.values()) {
      put(picture, place(from, to, lifted), SIDE_PX, colours.classes[label] ?? colours.soft);
    }
    if (this.#easel) {
      const [x, y] = place(this.#easel.at, this.#easel.at);
      // What lies beyond the edge is shown at it.
      const inside = (at: number, side: number) => Math.min(side - EASEL_PX / 2, Math.max(EASEL_PX / 2, at));
      put(this.#easel.picture, [inside(x, width), inside(y, height)], EASEL_PX, colours.ink);
    }
    if (share < 1) this.#draw();
  }
}

/** So many of a list, at equal steps. */
function spread<T>(list: readonly T[], most: number): T[] {
  const count = Math.min(most, list.length);
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]!);
}

function pairs(numbers: Float64Array): Point[] {
  return Array.from({ length: numbers.length / 2 }, (_, i) => [numbers[2 * i]!, numbers[2 * i + 1]!]);
}

function areaOf(points: readonly Point[]): Area {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, right, bottom, top] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const [width, height] = [Math.max(right - left, 1e-3), Math.max(top - bottom, 1e-3)];
  return {
    left: left - MARGIN * width,
    top: top + MARGIN * height,
    width: width * (1 + 2 * MARGIN),
    height: height * (1 + 2 * MARGIN),
  };
}

/** Where a point lies, by shares of the area's sides. */
function placeIn({ left, top, width, height }: Area, [x, y]: Point, lifted: number): Point {
  return [(x - left) / width, (top - y - lifted) / height];
}
