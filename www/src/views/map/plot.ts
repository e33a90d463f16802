import type { LatentMap } from 'ibinn';
import { penOf } from '../../dom.ts';
import { type Colours, coloursOf } from './colours.ts';
import { paintAverages, paintCross, paintMeans, paintRegions, paintTrail, type Regions } from './paint.ts';
import { type Frame, frameOf, part, type Point, type View, WHOLE } from './view.ts';

/** When the dial turns, the images move from one map to the other in this time. */
const MOVE_MS = 450;
const DOT_PX = 1.7;

/** Test images and means in the plane of latent space, and an image of the visitor's among them. */
export class Plot {
  readonly canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  #colours: Colours;
  #map: LatentMap | undefined;
  #names: readonly string[] = [];
  #view: View = WHOLE;
  #regions: Regions | undefined;
  #averages: readonly Point[] = [];
  #trail: Point[] = [];
  #cross: Point | undefined;
  #from: { readonly map: LatentMap; readonly frame: Frame; readonly started: number } | undefined;
  #frame = 0;

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
    this.#context = penOf(canvas);
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
    const same =
      before && map && before.labels.length === map.labels.length && before.labels.every((k, i) => k === map.labels[i]);
    this.#from = before && same && gently ? { map: before, frame: this.whole, started: performance.now() } : undefined;
    this.#map = map;
    this.#names = names;
    this.#regions = undefined;
    this.#averages = [];
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

  /** Shows where the training images of each class lie on average. */
  setAverages(averages: readonly Point[]): void {
    this.#averages = averages;
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

  /** Whether only a part of it is shown. */
  get enlarged(): boolean {
    return this.#view.zoom > 1;
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

    if (share === 1 && this.#regions) paintRegions(context, this.#regions, this.#colours, to);
    context.globalAlpha = 0.7;
    const before = this.#from?.map;
    map.labels.forEach((label, i) => {
      const [x, y] = mixed([map.x[i]!, map.y[i]!], before && [before.x[i]!, before.y[i]!]);
      if (x < -5 || y < -5 || x > width + 5 || y > height + 5) return;
      context.fillStyle = this.#colours.classes[label] ?? this.#colours.soft;
      context.fillRect(x - DOT_PX, y - DOT_PX, 2 * DOT_PX, 2 * DOT_PX);
    });
    context.globalAlpha = 1;
    if (share === 1) paintAverages(context, this.#averages.map(to), map.means.map(to), this.#colours);
    paintMeans(
      context,
      map.means.map((mean, k) => mixed(mean, before?.means[k])),
      this.#names,
      this.#colours,
    );
    paintTrail(context, this.#trail.map(to), this.#colours);
    if (this.#cross) paintCross(context, to(this.#cross), this.#colours);
  }
}

function placer({ left, top, width, height }: Frame, pixelsX: number, pixelsY: number): (point: Point) => Point {
  return ([x, y]) => [((x - left) / width) * pixelsX, ((top - y) / height) * pixelsY];
}
