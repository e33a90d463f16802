import type { BothWays } from 'ibinn';
import type { App } from '../../app.ts';
import { byId, canvas, element } from '../../dom.ts';
import { disturbedPixels, fitSource } from '../../images/source.ts';
import { latestOnly } from '../../latestOnly.ts';
import { block as text } from '../../strings/block.ts';
import { whenVisible } from '../../whenVisible.ts';
import { type Place, SignedMap } from './signedMap.ts';

/** The parts of a block that are shown, by the ids of their canvases. */
const PARTS = {
  'block-x1': text.page.x1,
  'block-x2': text.page.x2,
  'block-log-scale': text.page.logScale,
  'block-shift': text.page.shift,
  'block-u2': text.page.u2,
  'block-y': text.page.y,
} as const;
const ARROWS: Readonly<Record<string, Place>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** One coupling block on the image of the canvas, forwards and backwards, with the numbers of a pixel. */
export function mountBlock(app: App): void {
  const view = element('block');
  const which = byId('block-which', HTMLInputElement);
  let seen: BothWays | undefined;
  let place: Place | undefined;

  const point = (to: Place) => {
    place = to;
    show();
  };
  const maps = Object.entries(PARTS).map(([id, part]) => {
    const picture = canvas(id);
    picture.tabIndex = 0;
    picture.setAttribute('role', 'img');
    picture.setAttribute('aria-label', text.label(part));
    picture.addEventListener('keydown', (event) => {
      const step = ARROWS[event.key];
      if (!step || !seen) return;
      event.preventDefault();
      const from = place ?? mostChanged(seen);
      const within = (at: number, length: number) => Math.min(length - 1, Math.max(0, at));
      point({ x: within(from.x + step.x, seen.width), y: within(from.y + step.y, seen.height) });
    });
    return new SignedMap(picture, point);
  });

  const show = () => {
    if (!seen) return;
    const { first, width, height, x, logScale, shift, u, y, back } = seen;
    const plane = width * height;
    const at = place && place.x < width && place.y < height ? place : mostChanged(seen);
    const i = at.y * width + at.x;
    const second = first * plane;
    const shown = [x, x.subarray(second), logScale, shift, u.subarray(second), y];
    shown.forEach((values, part) => maps[part]?.show(values.subarray(0, plane), seen!, at));
    const [before, scale, move, after] = [x[second + i]!, logScale[i]!, shift[i]!, u[second + i]!];
    element('block-at').textContent = text.at(at.x, at.y);
    element('block-forwards').textContent = text.forwards(before, scale, move, after);
    element('block-backwards').textContent = text.backwards(after, move, scale, back[second + i]!);
    element('block-back').textContent = text.back(back.reduce((most, v, n) => Math.max(most, Math.abs(v - x[n]!)), 0));
    element('block-log-det').textContent = text.logDet(logScale.reduce((sum, value) => sum + value, 0));
  };

  const work = latestOnly(app, view, async (model) => {
    const pixels = await disturbedPixels(fitSource(app.store.state.image, model), app.store.state.corruption, model);
    // A slider brings its value within the bounds that it gets.
    which.max = String(model.spec.couplings);
    const number = which.valueAsNumber;
    seen = await model.bothWays(pixels, number - 1);
    element('block-number').textContent = text.number(number, model.spec.couplings);
    element('block-size').textContent = text.maps(seen.channels, seen.height, seen.width);
    show();
  });
  const refresh = whenVisible(view, () => work(undefined));
  which.addEventListener('input', refresh);
  app.onModel(refresh);
  app.store.subscribe((changed) => {
    if (changed.has('image') || changed.has('corruption')) refresh();
  });
}

/** The pixel whose first channel of x₂ changes most. */
function mostChanged({ first, width, height, x, u }: BothWays): Place {
  const second = first * width * height;
  let most = 0;
  for (let i = 0; i < width * height; i++) {
    const change = (n: number) => Math.abs(u[second + n]! - x[second + n]!);
    if (change(i) > change(most)) most = i;
  }
  return { x: most % width, y: Math.floor(most / width) };
}
