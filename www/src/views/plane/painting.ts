import { create } from '../../dom.ts';
import { EXTENT } from './painted.ts';

/** While the pointer is drawn along, points are at least this far from each other. */
const SPACING = 0.2;
/** An arrow key moves the cross by this. */
const STEP = 0.15;
/** A finger that has not moved further has tapped. */
const TAP_PX = 6;

/** What a visitor can do to the plane. */
export interface PaintDeeds {
  painted(x: number, y: number): void;
  /** The last painted point is to go. */
  undone(): void;
  /** The class to paint, from 0. */
  chosen(label: number): void;
}

/**
 * Paints on a canvas that shows the plane: with the mouse or a pen by clicking and dragging; with a finger by tapping and
 * by moving sideways, as up and down scrolls the page; with the keyboard by a cross that the arrow keys move.
 */
export function paintOn(canvas: HTMLCanvasElement, deeds: PaintDeeds): void {
  followPointer(canvas, deeds);
  followKeys(canvas, deeds);
}

function followPointer(canvas: HTMLCanvasElement, deeds: PaintDeeds): void {
  let pressed: { readonly pointer: number; readonly x: number; readonly y: number } | undefined;
  let last: readonly [number, number] | undefined;
  const paint = (event: PointerEvent) => {
    const box = canvas.getBoundingClientRect();
    const x = EXTENT * ((2 * (event.clientX - box.left)) / box.width - 1);
    const y = EXTENT * (1 - (2 * (event.clientY - box.top)) / box.height);
    if (Math.max(Math.abs(x), Math.abs(y)) > EXTENT) return;
    if (last && Math.hypot(x - last[0], y - last[1]) < SPACING) return;
    last = [x, y];
    deeds.painted(x, y);
  };
  canvas.addEventListener('pointerdown', (event) => {
    // One pointer paints at a time: another finger would paint where it lies.
    if (event.button !== 0 || pressed) return;
    canvas.setPointerCapture(event.pointerId);
    pressed = { pointer: event.pointerId, x: event.clientX, y: event.clientY };
    // A finger may be about to scroll.
    if (event.pointerType !== 'touch') paint(event);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (pressed?.pointer !== event.pointerId) return;
    const far = Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y);
    if (event.pointerType !== 'touch' || far > TAP_PX) paint(event);
  });
  for (const end of ['pointerup', 'pointercancel', 'lostpointercapture'] as const) {
    canvas.addEventListener(end, (event) => {
      if (pressed?.pointer !== event.pointerId) return;
      if (end === 'pointerup' && event.pointerType === 'touch') paint(event);
      pressed = last = undefined;
    });
  }
}

const STEPS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, STEP],
  ArrowDown: [0, -STEP],
};

function followKeys(canvas: HTMLCanvasElement, deeds: PaintDeeds): void {
  const cross = create('div', 'plane-cross');
  cross.hidden = true;
  canvas.after(cross);
  let [x, y] = [0, 0];
  const within = (value: number) => Math.min(EXTENT, Math.max(-EXTENT, value));
  const show = () => {
    cross.hidden = false;
    cross.style.setProperty('left', `${50 + (50 * x) / EXTENT}%`);
    cross.style.setProperty('top', `${50 - (50 * y) / EXTENT}%`);
  };
  canvas.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    if (step) [x, y] = [within(x + step[0]), within(y + step[1])];
    else if (event.key === ' ' || event.key === 'Enter') deeds.painted(x, y);
    else if (event.key === 'Backspace' || event.key === 'Delete') deeds.undone();
    else if (/^[1-9]$/.test(event.key)) deeds.chosen(Number(event.key) - 1);
    else return;
    event.preventDefault();
    show();
  });
  const hide = () => (cross.hidden = true);
  canvas.addEventListener('focus', () => canvas.matches(':focus-visible') && show());
  canvas.addEventListener('blur', hide);
  canvas.addEventListener('pointerdown', hide);
}
