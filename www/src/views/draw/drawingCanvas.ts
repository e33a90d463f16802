import { penOf } from '../../dom.ts';
import { fromCanvas, paint, type Shape } from '../../images/pixels.ts';
import { keyboardPen, type Place } from './keyboardPen.ts';

/** The canvas has about this many pixels a side, so that strokes are smooth at the model's few. */
const SIDE = 280;

/** What the brush leaves behind. */
export interface Brush {
  /** Diameter in pixels of the model's image. */
  size: number;
  /** A CSS colour. */
  colour: string;
}

/**
 * A canvas to draw on with mouse, finger, pen or keys. It is a whole number of times as large as the model's image:
 * an image that is put on it comes back byte for byte, and strokes come back averaged over each pixel.
 */
export class DrawingCanvas {
  brush: Brush = { size: 2.5, colour: '#fff' };
  /** Called before a stroke begins. */
  onstrokestart: () => void = () => {};
  /** Called while a stroke is drawn. */
  onstroke: () => void = () => {};
  /** Called when a stroke has ended. */
  onstrokeend: () => void = () => {};
  /** Called when somebody comes to draw, and when they have left. */
  onhand: () => void = () => {};
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  #shape: Shape = { channels: 1, height: 28, width: 28 };
  #scale = 10;
  /** Where the stroke is that is being drawn, and the pointer that draws it. */
  #pen: { readonly pointer: number; readonly at: Place } | undefined;
  #inHand = false;
  /** What was drawn, while something else covers it. */
  #beneath: OffscreenCanvas | undefined;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#context = penOf(canvas, { willReadFrequently: true });
    this.#followPointer();
    this.#followHand();
    keyboardPen(canvas, this, () => this.#shape);
  }

  /** Whether a stroke is being drawn. */
  get drawing(): boolean {
    return this.#pen !== undefined;
  }

  /** Whether somebody draws or is about to: the mouse is over the canvas, or it has the focus of finger or keyboard. */
  get inHand(): boolean {
    return this.#inHand;
  }

  /** Puts an image, C·H·W bytes, in the place of what was drawn. */
  put(bytes: Uint8Array, shape: Shape): void {
    this.#beneath = undefined;
    this.#paint(bytes, shape);
  }

  /** Shows an image, C·H·W bytes, over what was drawn. */
  cover(bytes: Uint8Array, shape: Shape): void {
    const { width, height } = this.#canvas;
    if (!this.#beneath) {
      this.#beneath = new OffscreenCanvas(width, height);
      this.#beneath.getContext('2d')?.drawImage(this.#canvas, 0, 0);
    }
    this.#paint(bytes, shape);
  }

  /** Shows what was drawn. */
  uncover(): void {
    if (this.#beneath) this.#context.drawImage(this.#beneath, 0, 0);
    this.#beneath = undefined;
  }

  /** Goes on with what covers the drawing. */
  keep(): void {
    this.#beneath = undefined;
  }

  #paint(bytes: Uint8Array, shape: Shape): void {
    this.#shape = shape;
    this.#scale = Math.ceil(SIDE / Math.max(shape.width, shape.height));
    this.#canvas.width = shape.width * this.#scale;
    this.#canvas.height = shape.height * this.#scale;
    const small = document.createElement('canvas');
    paint(small, bytes, shape);
    this.#context.imageSmoothingEnabled = false;
    this.#context.drawImage(small, 0, 0, this.#canvas.width, this.#canvas.height);
  }

  /** The image on the canvas, C·H·W bytes. */
  bytes(): Uint8Array {
    return fromCanvas(this.#context, this.#scale, this.#shape);
  }

  /** Draws a straight piece of a stroke; a dot when both places are the same. */
  line(from: Place, to: Place, pressure = 1): void {
    const context = this.#context;
    const width = this.brush.size * this.#scale * pressure;
    context.lineCap = 'round';
    context.lineWidth = width;
    context.strokeStyle = context.fillStyle = this.brush.colour;
    context.beginPath();
    if (from.x === to.x && from.y === to.y) {
      // Not every browser gives a line without length its round ends.
      context.arc(to.x * this.#scale, to.y * this.#scale, width / 2, 0, 2 * Math.PI);
      context.fill();
    } else {
      context.moveTo(from.x * this.#scale, from.y * this.#scale);
      context.lineTo(to.x * this.#scale, to.y * this.#scale);
      context.stroke();
    }
    this.onstroke();
  }

  #followPointer(): void {
    this.#canvas.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      // Another finger, or the palm, would draw between itself and the first.
      if (this.#pen) return;
      this.#canvas.focus({ preventScroll: true });
      this.#canvas.setPointerCapture(event.pointerId);
      const at = this.#place(event);
      this.#pen = { pointer: event.pointerId, at };
      this.onstrokestart();
      this.line(at, at, pressure(event));
    });
    this.#canvas.addEventListener('pointermove', (event) => {
      if (this.#pen?.pointer !== event.pointerId) return;
      const between = event.getCoalescedEvents?.() ?? [];
      for (const piece of between.length > 0 ? between : [event]) {
        const at = this.#place(piece);
        this.line(this.#pen.at, at, pressure(piece));
        this.#pen = { pointer: event.pointerId, at };
      }
    });
    // A browser that takes the pointer away need not say that it was released.
    for (const end of ['pointerup', 'pointercancel', 'lostpointercapture'] as const) {
      this.#canvas.addEventListener(end, (event) => {
        if (this.#pen?.pointer !== event.pointerId) return;
        this.#pen = undefined;
        this.onstrokeend();
      });
    }
  }

  #followHand(): void {
    const set = (inHand: boolean) => {
      if (inHand === this.#inHand) return;
      this.#inHand = inHand;
      this.onhand();
    };
    for (const come of ['pointerenter', 'pointerdown', 'keydown'] as const) {
      this.#canvas.addEventListener(come, () => set(true));
    }
    this.#canvas.addEventListener('blur', () => set(false));
    // A finger that is lifted has left, too, but comes back for the next stroke.
    this.#canvas.addEventListener('pointerleave', ({ pointerType }) => pointerType === 'touch' || set(false));
  }

  #place(event: PointerEvent): Place {
    const box = this.#canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * this.#shape.width,
      y: ((event.clientY - box.top) / box.height) * this.#shape.height,
    };
  }
}

/** How much of the brush's width a stroke has: a pen's pressure thins it, mouse and finger have none. */
function pressure(event: PointerEvent): number {
  return event.pointerType === 'pen' && event.pressure > 0 ? 0.4 + 0.8 * event.pressure : 1;
}
