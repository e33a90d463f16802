import type { Shape } from '../../images/pixels.ts';

/** A place on the canvas, in pixels of the model's image. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** What a pen draws on. */
export interface Paper {
  readonly brush: { readonly size: number };
  readonly onstrokestart: () => void;
  readonly onstrokeend: () => void;
  line(from: Place, to: Place): void;
}

const STEPS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * Draws with the keyboard: arrow keys move the brush by a pixel of the model's image, with Shift held they draw, and
 * Space puts a dot. A ring over the canvas shows where the brush is.
 */
export function keyboardPen(canvas: HTMLCanvasElement, paper: Paper, shape: () => Shape): void {
  const ring = document.createElement('div');
  ring.className = 'ring';
  ring.hidden = true;
  canvas.after(ring);
  let place: Place | undefined;

  const show = ({ x, y }: Place) => {
    ring.hidden = false;
    ring.style.setProperty('left', `${(100 * x) / shape().width}%`);
    ring.style.setProperty('top', `${(100 * y) / shape().height}%`);
    ring.style.setProperty('width', `${(100 * paper.brush.size) / shape().width}%`);
  };
  canvas.addEventListener('keydown', (event) => {
    const { width, height } = shape();
    const here = place ?? { x: width / 2, y: height / 2 };
    const step = STEPS[event.key];
    if (!step && event.key !== ' ') return;
    event.preventDefault();
    const [dx, dy] = step ?? [0, 0];
    place = { x: Math.min(width, Math.max(0, here.x + dx)), y: Math.min(height, Math.max(0, here.y + dy)) };
    show(place);
    if (!step || event.shiftKey) {
      paper.onstrokestart();
      paper.line(here, place);
      paper.onstrokeend();
    }
  });
  const hide = () => (ring.hidden = true);
  canvas.addEventListener('blur', hide);
  canvas.addEventListener('pointerdown', hide);
}
