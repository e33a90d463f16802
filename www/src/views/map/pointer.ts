import type { Plot } from './plot.ts';
import { type Point, ZOOM_STEP } from './view.ts';

/** A pointer that moves less than this between press and release has clicked. */
const CLICK_PX = 4;
/** An arrow key moves by this share of the picture's sides. */
const STEP = 0.02;

/** What a visitor can do to a map; points are of the plane, moves are shares of the picture's sides. */
export interface MapDeeds {
  /** The pointer is over a point. */
  over(point: Point): void;
  /** The pointer has left. */
  left(): void;
  marked(point: Point): void;
  dragged(by: Point): void;
  zoomed(factor: number, at: Point): void;
  stepped(by: Point): void;
  whole(): void;
}

/** Mouse, finger, pen and keys on a map. A finger that moves up or down scrolls the page. */
export function followPointer(plot: Plot, deeds: MapDeeds): void {
  const { canvas } = plot;
  const share = (event: MouseEvent): Point => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  let pressed: { readonly at: Point; last: Point; moved: boolean } | undefined;

  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    pressed = { at: share(event), last: share(event), moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    const here = share(event);
    if (!pressed) return deeds.over(plot.toPlane(here));
    const [dx, dy] = [here[0] - pressed.at[0], here[1] - pressed.at[1]];
    pressed.moved ||= Math.hypot(dx * canvas.clientWidth, dy * canvas.clientHeight) > CLICK_PX;
    if (!pressed.moved) return;
    if (event.pointerType === 'mouse') deeds.dragged([pressed.last[0] - here[0], pressed.last[1] - here[1]]);
    else deeds.over(plot.toPlane(here));
    pressed.last = here;
  });
  canvas.addEventListener('pointerup', (event) => {
    const clicked = pressed && (!pressed.moved || event.pointerType !== 'mouse');
    pressed = undefined;
    if (clicked) deeds.marked(plot.toPlane(share(event)));
  });
  canvas.addEventListener('pointercancel', () => {
    pressed = undefined;
    deeds.left();
  });
  canvas.addEventListener('pointerleave', () => !pressed && deeds.left());
  // A pinch on a touchpad comes as a wheel with Ctrl; the bare wheel scrolls the page.
  canvas.addEventListener(
    'wheel',
    (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      deeds.zoomed(Math.exp(-event.deltaY / 200), share(event));
    },
    { passive: false },
  );
  canvas.addEventListener('dblclick', (event) => deeds.zoomed(ZOOM_STEP, share(event)));
  canvas.addEventListener('keydown', (event) => {
    const deed = KEYS[event.key];
    if (!deed || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    deed(deeds);
  });
}

const KEYS: Record<string, (deeds: MapDeeds) => void> = {
  ArrowLeft: (deeds) => deeds.stepped([-STEP, 0]),
  ArrowRight: (deeds) => deeds.stepped([STEP, 0]),
  ArrowUp: (deeds) => deeds.stepped([0, -STEP]),
  ArrowDown: (deeds) => deeds.stepped([0, STEP]),
  '+': (deeds) => deeds.zoomed(ZOOM_STEP, [0.5, 0.5]),
  '=': (deeds) => deeds.zoomed(ZOOM_STEP, [0.5, 0.5]),
  '-': (deeds) => deeds.zoomed(1 / ZOOM_STEP, [0.5, 0.5]),
  Home: (deeds) => deeds.whole(),
};
