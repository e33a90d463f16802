import type { Plot } from './plot.ts';
import { type Point, ZOOM_STEP } from './view.ts';

/** A pointer that moves less than this between press and release has clicked. */
const CLICK_PX = 4;
/** A finger is less steady. */
const TAP_PX = 8;
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

/** What a pressed pointer does; places are shares of the picture's sides. */
interface Press {
  readonly at: Point;
  last: Point;
  /** It is no click any more. */
  moved: boolean;
  /** It moves the map, and not what is decoded. */
  drags: boolean;
}

/**
 * Mouse, finger, pen and keys on a map. On the whole map a finger decodes what lies under it, and scrolls the page when it
 * moves up or down; on an enlarged one it moves the map, as the mouse does. Two fingers enlarge.
 */
export function followPointer(plot: Plot, deeds: MapDeeds): void {
  const { canvas } = plot;
  const share = (event: MouseEvent): Point => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  const pixels = ([fromX, fromY]: Point, [toX, toY]: Point) =>
    Math.hypot((toX - fromX) * canvas.clientWidth, (toY - fromY) * canvas.clientHeight);
  /** The pointers that are pressed, by their ids; no more than two. */
  const presses = new Map<number, Press>();

  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || presses.size === 2) return;
    const at = share(event);
    presses.set(event.pointerId, { at, last: at, moved: false, drags: event.pointerType === 'mouse' || plot.enlarged });
    if (presses.size === 2) for (const press of presses.values()) press.moved = press.drags = true;
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    const here = share(event);
    const press = presses.get(event.pointerId);
    if (!press) {
      if (presses.size === 0) deeds.over(plot.toPlane(here));
      return;
    }
    press.moved ||= pixels(press.at, here) > (event.pointerType === 'mouse' ? CLICK_PX : TAP_PX);
    if (!press.moved) return;
    const { last } = press;
    press.last = here;
    const other = [...presses.values()].find((one) => one !== press);
    if (other) {
      // What lies in the middle between both stays there.
      const middle: Point = [(last[0] + other.last[0]) / 2, (last[1] + other.last[1]) / 2];
      deeds.zoomed(pixels(here, other.last) / Math.max(1, pixels(last, other.last)), middle);
      deeds.dragged([(last[0] - here[0]) / 2, (last[1] - here[1]) / 2]);
    } else if (press.drags) deeds.dragged([last[0] - here[0], last[1] - here[1]]);
    else deeds.over(plot.toPlane(here));
  });
  canvas.addEventListener('pointerup', (event) => {
    const press = presses.get(event.pointerId);
    presses.delete(event.pointerId);
    if (press && !(press.moved && press.drags)) deeds.marked(plot.toPlane(share(event)));
  });
  // A browser that takes the pointer away need not say that it was released.
  for (const end of ['pointercancel', 'lostpointercapture'] as const) {
    canvas.addEventListener(end, (event) => presses.delete(event.pointerId) && deeds.left());
  }
  canvas.addEventListener('pointerleave', () => presses.size === 0 && deeds.left());
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
