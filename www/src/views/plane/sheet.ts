import { penOf } from '../../dom.ts';
import { type Colours, coloursOf } from '../map/colours.ts';

/** Red, green, blue. */
export type Rgb = readonly [number, number, number];

/** A square canvas that shows [−reach, reach]², y upwards, as sharp as the screen is. */
export class Sheet {
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
  colours: Colours;
  /** The classes' colours as numbers, for pictures that are computed pixel by pixel. */
  rgb: readonly Rgb[] = [];
  reach = 1;
  #classes = 0;

  /** `draw` is called whenever what is on the sheet has become worthless. */
  constructor(canvas: HTMLCanvasElement, draw: () => void) {
    this.canvas = canvas;
    this.context = penOf(canvas);
    this.colours = coloursOf(canvas.parentElement ?? document.body, 0);
    new ResizeObserver(draw).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#recolour();
      draw();
    });
  }

  /** Prepares a clean sheet; false when it is not in sight. */
  begin(classes: number): boolean {
    if (classes !== this.#classes) {
      this.#classes = classes;
      this.#recolour();
    }
    const { canvas, context } = this;
    const side = Math.round(canvas.clientWidth * devicePixelRatio);
    if (side === 0) return false;
    if (canvas.width !== side) canvas.width = canvas.height = side;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, canvas.clientWidth, canvas.clientWidth);
    context.globalAlpha = 1;
    context.lineJoin = 'round';
    return true;
  }

  /** Side of the sheet in CSS pixels. */
  get side(): number {
    return this.canvas.clientWidth;
  }

  /** How large dots and lines are: smaller on a small sheet. */
  get unit(): number {
    return Math.min(1.15, Math.max(0.6, this.side / 320));
  }

  /** Where a number of the plane lies from the left. */
  x(value: number): number {
    return ((value + this.reach) / (2 * this.reach)) * this.side;
  }

  /** Where a number of the plane lies from the top. */
  y(value: number): number {
    return ((this.reach - value) / (2 * this.reach)) * this.side;
  }

  /** A length of the plane in pixels. */
  length(value: number): number {
    return (value / (2 * this.reach)) * this.side;
  }

  /** Fills a circle around a place of the plane; the radius is in pixels. */
  disc(x: number, y: number, radius: number, colour: string): void {
    const { context } = this;
    context.fillStyle = colour;
    context.beginPath();
    context.arc(this.x(x), this.y(y), radius, 0, 2 * Math.PI);
    context.fill();
  }

  /** Draws a dot in the colour of its class at each of some places: x, y, x, y, … */
  dots(places: Float32Array, classes: Uint8Array, radius: number): void {
    const { context } = this;
    this.colours.classes.forEach((colour, k) => {
      context.fillStyle = colour;
      context.beginPath();
      classes.forEach((label, i) => {
        if (label !== k) return;
        const [x, y] = [this.x(places[2 * i]!), this.y(places[2 * i + 1]!)];
        context.moveTo(x + radius, y);
        context.arc(x, y, radius, 0, 2 * Math.PI);
      });
      context.fill();
    });
  }

  /** Draws one line through places: x, y, x, y, … */
  line(places: ArrayLike<number>): void {
    this.context.beginPath();
    for (let i = 0; i + 1 < places.length; i += 2) this.context.lineTo(this.x(places[i]!), this.y(places[i + 1]!));
    this.context.stroke();
  }

  #recolour(): void {
    this.colours = coloursOf(this.canvas.parentElement ?? document.body, this.#classes);
    this.rgb = this.colours.classes.map(toRgb);
  }
}

/** The numbers of a colour of any notation. */
function toRgb(colour: string): Rgb {
  const context = new OffscreenCanvas(1, 1).getContext('2d');
  if (!context) return [128, 128, 128];
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}
