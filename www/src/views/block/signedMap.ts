/** Zero, and the two ends of the scale: what is negative is blue, what is positive orange, as in the evidence. */
const [ZERO, NEGATIVE, POSITIVE] = [
  [24, 24, 26],
  [64, 156, 226],
  [240, 140, 60],
] as const;
/** Pixels of the canvas for each of the map, so that one can be framed. */
const SCALE = 8;

/** A pixel of a map. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** One channel of a map as a picture whose colours have a sign, of which a pixel is framed. */
export class SignedMap {
  readonly #canvas: HTMLCanvasElement;
  #size = { width: 1, height: 1 };

  /** Calls `point` with the pixel that is pointed at. */
  constructor(canvas: HTMLCanvasElement, point: (place: Place) => void) {
    this.#canvas = canvas;
    canvas.addEventListener('pointermove', ({ clientX, clientY }) => {
      const box = canvas.getBoundingClientRect();
      const place = (share: number, length: number) => Math.min(length - 1, Math.max(0, Math.floor(share * length)));
      point({
        x: place((clientX - box.left) / box.width, this.#size.width),
        y: place((clientY - box.top) / box.height, this.#size.height),
      });
    });
  }

  /** Shows H·W values; the largest in size has a full colour. */
  show(values: Float32Array, size: { width: number; height: number }, framed: Place): void {
    this.#size = size;
    const { width, height } = size;
    const context = this.#canvas.getContext('2d');
    if (!context) return;
    if (this.#canvas.width !== width * SCALE) this.#canvas.width = width * SCALE;
    if (this.#canvas.height !== height * SCALE) this.#canvas.height = height * SCALE;
    const most = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
    values.forEach((value, i) => {
      const end = value < 0 ? NEGATIVE : POSITIVE;
      const share = Math.abs(value) / most;
      const [red, green, blue] = ZERO.map((zero, c) => Math.round(zero + share * (end[c]! - zero)));
      context.fillStyle = `rgb(${red} ${green} ${blue})`;
      context.fillRect((i % width) * SCALE, Math.floor(i / width) * SCALE, SCALE, SCALE);
    });
    context.strokeStyle = '#fff';
    context.lineWidth = 2;
    context.strokeRect(framed.x * SCALE + 1, framed.y * SCALE + 1, SCALE - 2, SCALE - 2);
  }
}
