import type { Model } from 'ibinn';
import type { App } from '../../app.ts';
import { button, canvas, create, element, input } from '../../dom.ts';
import { latest } from '../../latest.ts';
import { gridCanvas, nth, paint, savePng, toBytes } from '../../images/pixels.ts';
import { bytesOf, fitSource, latentOf } from '../../images/source.ts';
import { whenSeen } from '../../seen.ts';
import type { State } from '../../state.ts';
import { interpolate as text } from '../../strings/interpolate.ts';
import { End } from './end.ts';
import { Path } from './path.ts';
import { Player } from './player.ts';

/** The position moves in steps of this size, whose images are kept: from the second round on, playing is smooth. */
const STEP = 0.005;

/** The line between the ends as it was last drawn. */
interface Line {
  readonly model: Model;
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly strip: readonly Uint8Array[];
  /** Images by position, in whole steps. */
  readonly images: Map<number, Uint8Array>;
}

/** The interpolation: two ends, a slider between them, a strip of steps and the posterior along the way. */
export function mountInterpolate(app: App): void {
  const { store } = app;
  const ends = { a: new End(app, element('end-a'), 'a'), b: new End(app, element('end-b'), 'b') };
  const path = new Path(element('path'), element('legend'));
  const [position, steps, play] = [input('position'), input('steps'), button('play')];
  let line: Line | undefined;

  const showImage = latest(app, async (model, at: number) => {
    if (!line || line.model !== model) return;
    const { a, b, images } = line;
    const step = Math.round(at / STEP);
    let bytes = images.get(step);
    if (!bytes) {
      bytes = toBytes(await model.decode(blend(a, b, step * STEP)));
      images.set(step, bytes);
    }
    if (line.images === images) paint(canvas('between'), bytes, model.spec);
  });
  const moveTo = (at: number) => {
    position.value = String(at);
    position.setAttribute('aria-valuetext', text.image(at));
    canvas('between').setAttribute('aria-label', text.image(at));
    element('path').style.setProperty('--position', String(at));
    markNearest(at, store.state.steps);
    showImage(at);
  };
  const player = new Player(moveTo);
  const pause = () => {
    player.stop();
    play.textContent = text.play;
  };

  const refresh = latest(app, async (model, { a: sourceA, b: sourceB, steps }: Readonly<State>) => {
    const [from, to] = [fitSource(sourceA, model), fitSource(sourceB, model)];
    const [a, b] = [await latentOf(from, model), await latentOf(to, model)];
    ends.a.show(from, await bytesOf(from, model), model);
    ends.b.show(to, await bytesOf(to, model), model);
    const { pixels } = await model.interpolate(a, b, steps);
    const strip = Array.from({ length: steps }, (_, i) => toBytes(nth(pixels, i, model.spec)));
    const along = await model.classify(pixels);
    if (model !== app.model) return;
    line = { model, a, b, strip, images: new Map() };
    showStrip(strip, model, (at) => store.set({ position: at }));
    path.show(along.map(({ posterior }) => posterior), model.spec.classes);
    moveTo(player.playing ? Number(position.value) : store.state.position);
  });

  const draw = whenSeen(element('interpolate'), () => refresh(store.state));

  position.addEventListener('input', () => {
    pause();
    store.set({ position: Number(position.value) });
  });
  play.addEventListener('click', () => {
    if (player.playing) {
      pause();
      store.set({ position: Number(position.value) });
    } else {
      player.start(Number(position.value));
      play.textContent = text.pause;
    }
  });
  steps.addEventListener('change', () => {
    const value = Math.min(Number(steps.max), Math.max(Number(steps.min), Math.round(Number(steps.value)) || 0));
    steps.value = String(value);
    store.set({ steps: value });
  });
  button('save-strip').addEventListener('click', () => {
    if (line) savePng(gridCanvas(line.strip, line.strip.length, line.model.spec), 'interpolation.png');
  });

  app.onWanted(({ classes }) => {
    ends.a.setClasses(classes);
    ends.b.setClasses(classes);
  });
  app.onModel(() => {
    line = undefined;
    draw();
  });
  store.subscribe((changed) => {
    if (changed.has('steps')) steps.value = String(store.state.steps);
    if (changed.has('a') || changed.has('b') || changed.has('steps')) draw();
    else if (changed.has('position')) {
      pause();
      moveTo(store.state.position);
    }
  });
  steps.value = String(store.state.steps);
  position.value = String(store.state.position);
}

/** The point (1 − t)·a + t·b. */
function blend(a: Float32Array, b: Float32Array, t: number): Float32Array {
  return a.map((value, i) => (1 - t) * value + t * (b[i] ?? 0));
}

function showStrip(images: readonly Uint8Array[], { spec }: Model, goTo: (position: number) => void): void {
  element('interpolate').style.setProperty('--steps', String(images.length));
  const tiles = images.map((bytes, i) => {
    const at = i / (images.length - 1);
    const picture = create('canvas', 'image');
    paint(picture, bytes, spec);
    const tile = create('button', 'tile', picture);
    tile.type = 'button';
    tile.setAttribute('aria-label', text.image(at));
    tile.addEventListener('click', () => goTo(at));
    return tile;
  });
  element('strip').replaceChildren(...tiles);
}

function markNearest(position: number, steps: number): void {
  const nearest = Math.round(position * (steps - 1));
  [...element('strip').children].forEach((tile, i) => tile.classList.toggle('nearest', i === nearest));
}
