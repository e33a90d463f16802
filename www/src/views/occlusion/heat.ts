import { paint, type Shape } from '../../images/pixels.ts';
import type { Patch } from './evidence.ts';

/** The image itself shows through, as dark as this. */
const SHADE = 0.5;
/** Enlarged, so that the patch can be framed between pixels. */
const SCALE = 12;

/** An image under tints: one colour where a value is positive, another where it is negative. */
export class Heat {
  readonly canvas: HTMLCanvasElement;
  #shape: Shape | undefined;

  /** Calls `over` with the pixel that the pointer is over, and with nothing when it leaves. */
  constructor(canvas: HTMLCanvasElement, over: (pixel: { x: number; y: number } | undefined) => void) {
    this.canvas = canvas;
    canvas.addEventListener('pointermove', (event) => {
      const box = canvas.getBoundingClientRect();
      const { width, height } = this.#shape ?? { width: 1, height: 1 };
      const place = (share: number, length: number) => Math.min(length - 1, Math.max(0, Math.floor(share * length)));
      over({
        x: place((event.clientX - box.left) / box.width, width),
        y: place((event.clientY - box.top) / box.height, height),
      });
    });
    canvas.addEventListener('pointerleave', () => over(undefined));
  }

  /** Shows the values of every pixel over the image; `most` is the value that is tinted in full. */
  show(bytes: Uint8Array, shape: Shape, values: Float64Array, most: number, framed: Patch | undefined): void {
    this.#shape = shape;
    const { width, height } = shape;
    const context = this.canvas.getContext('2d');
    if (!context) return;
    if (this.canvas.width !== width * SCALE) this.canvas.width = width * SCALE;
    if (this.canvas.height !== height * SCALE) this.canvas.height = height * SCALE;
    const image = document.createElement('canvas');
    paint(image, bytes, shape);
    context.globalCompositeOperation = 'source-over';
    context.globalAlpha = 1;
    context.fillStyle = '#000';
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    context.imageSmoothingEnabled = false;
    context.globalAlpha = SHADE;
    context.drawImage(image, 0, 0, this.canvas.width, this.canvas.height);
    context.globalAlpha = 1;
    context.imageSmoothingEnabled = true;
    context.globalCompositeOperation = 'screen';
    context.drawImage(tints(values, shape, most, this.canvas), 0, 0, this.canvas.width, this.canvas.height);
    context.globalCompositeOperation = 'source-over';
    if (framed) {
      context.lineWidth = 3;
      context.strokeStyle = '#fff';
      context.strokeRect(framed.left * SCALE, framed.top * SCALE, framed.side * SCALE, framed.side * SCALE);
    }
  }
}

/** The tints alone, a pixel each. */
function tints(values: Float64Array, { width, height }: Shape, most: number, styled: HTMLElement): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext('2d');
  const style = getComputedStyle(styled);
  const [positive, negative] = [style.getPropertyValue('--for'), style.getPropertyValue('--against')];
  values.forEach((value, i) => {
    if (!context) return;
    context.fillStyle = value > 0 ? positive : negative;
    context.globalAlpha = Math.min(1, Math.abs(value) / most) ** 0.8;
    context.fillRect(i % width, Math.floor(i / width), 1, 1);
  });
  return canvas;
}
