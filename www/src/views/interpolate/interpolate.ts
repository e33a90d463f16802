import type { Model } from 'ibinn';
import type { App } from '../../app.ts';
import { button, canvas, choice, create, element, input } from '../../dom.ts';
import { encodeGif } from '../../images/gif.ts';
import { gridCanvas, nth, paint, save, savePng, toBytes } from '../../images/pixels.ts';
import { bytesOf, fitSource } from '../../images/source.ts';
import { latestOnly } from '../../latestOnly.ts';
import { whenVisible } from '../../whenVisible.ts';
import type { State } from '../../state.ts';
import { interpolate as text } from '../../strings/interpolate.ts';
import { Sweep } from '../../sweep.ts';
import { compare } from './compare.ts';
import { End } from './end.ts';
import { Gammas } from './gammas.ts';
import { Path } from './path.ts';
import { latentAt, type Route, routeOf } from './route.ts';

/** The position moves in steps of this size, whose images are kept: from the second round on, playing is smooth. */
const STEP = 0.005;
/** An animation has this many images on the way there, and shows each for so long, enlarged so many times. */
const GIF = { images: 32, delayMs: 60, scale: 6 };

/** The interpolation: two ends, a slider between them, a strip of steps and the posterior along the way. */
export function mountInterpolate(app: App): void {
  const { store } = app;
  const view = element('interpolate');
  const ends = { a: new End(app, element('end-a'), 'a'), b: new End(app, element('end-b'), 'b') };
  const path = new Path(element('path'), element('legend'));
  const gammas = new Gammas(app);
  const [position, play] = [input('position'), button('play')];
  /** The way as it was last walked, with the images that have been seen, by position in whole steps. */
  let route: (Route & { readonly images: Map<number, Uint8Array> }) | undefined;

  const showImage = latestOnly(app, view, async (model, at: number) => {
    if (!route || route.model !== model) return;
    const { images } = route;
    const step = Math.round(at / STEP);
    let bytes = images.get(step);
    if (!bytes) {
      bytes = toBytes(await model.decode(latentAt(route, step * STEP)));
      images.set(step, bytes);
    }
    if (route.images === images) paint(canvas('between'), bytes, model.spec);
  });
  const moveTo = (at: number) => {
    position.value = String(at);
    position.setAttribute('aria-valuetext', text.image(at));
    canvas('between').setAttribute('aria-label', text.image(at));
    element('path').style.setProperty('--position', String(at));
    markNearest(at);
    showImage(at);
  };
  const sweep = new Sweep(moveTo);
  const pause = () => {
    sweep.stop();
    play.textContent = text.page.play;
  };

  const walk = latestOnly(app, view, async (model, state: Readonly<State>) => {
    const shown: Uint8Array[] = [];
    for (const end of ['a', 'b'] as const) {
      const source = fitSource(state[end], model);
      const bytes = await bytesOf(source, model);
      shown.push(bytes);
      ends[end].show(source, bytes, model);
    }
    const walked = await routeOf(model, state);
    if (model !== app.model) return;
    route = { ...walked, images: new Map() };
    showStrip(walked, (at) => store.set({ position: at }));
    path.show(walked.posteriors, model.spec.classes);
    moveTo(sweep.going ? Number(position.value) : store.state.position);
    const [a, b] = shown;
    const show = a && b && (await compare(model, a, b));
    if (show && model === app.model) show();
  });
  const draw = whenVisible(view, () => walk(store.state));
  const drawGammas = whenVisible(element('gammas'), () =>
    store.state.everyGamma ? void gammas.draw() : gammas.clear(),
  );

  position.addEventListener('input', () => {
    const at = Number(position.value);
    pause();
    store.set({ position: at });
  });
  play.addEventListener('click', () => {
    if (sweep.going) {
      pause();
      store.set({ position: Number(position.value) });
    } else {
      sweep.start(Number(position.value));
      play.textContent = text.pause;
    }
  });
  mountChoices(app);
  button('save-strip').addEventListener('click', () => {
    if (!route) return;
    const rows = store.state.everyGamma ? gammas.strips() : [route.strip];
    savePng(gridCanvas(rows.flat(), route.strip.length, route.model.spec), 'interpolation.png');
  });
  button('save-loop').addEventListener('click', () => {
    const walked = route;
    if (walked) void app.use(async (model) => save(await animation(model, walked), 'interpolation.gif'));
  });

  /** The group whose rows are drawn, or being drawn. */
  let group = '';
  app.onWanted((wanted) => {
    ends.a.setClasses(wanted.classes);
    ends.b.setClasses(wanted.classes);
    if (wanted.group === group) return;
    gammas.clear();
    group = '';
  });
  app.onModel(() => {
    route = undefined;
    draw();
    // The rows show every γ, whichever runs.
    if (app.wanted.group !== group) drawGammas();
    group = app.wanted.group;
  });
  store.subscribe((changed) => {
    if (changed.has('executor')) {
      gammas.stop();
      group = '';
    }
    const way = (['a', 'b', 'steps', 'walk'] as const).some((name) => changed.has(name));
    if (way) draw();
    else if (changed.has('position')) {
      pause();
      moveTo(store.state.position);
    }
    if (way || changed.has('everyGamma')) drawGammas();
  });
  position.value = String(store.state.position);
}

/** The choices beside the strip: which way to walk, in how many steps, and whether for every γ. */
function mountChoices({ store }: App): void {
  const [steps, every] = [input('steps'), input('every-gamma')];
  const radios = (['line', 'classes'] as const).map((walk) => {
    const { label, radio } = choice('walk', walk, text.walks[walk]);
    radio.addEventListener('change', () => store.set({ walk }));
    element('walk').append(label);
    return radio;
  });
  steps.addEventListener('change', () => {
    const value = Math.min(Number(steps.max), Math.max(Number(steps.min), Math.round(Number(steps.value)) || 0));
    store.set({ steps: value });
    show();
  });
  every.addEventListener('change', () => store.set({ everyGamma: every.checked }));
  const show = () => {
    const { walk } = store.state;
    radios.forEach((radio) => (radio.checked = radio.value === walk));
    steps.value = String(store.state.steps);
    steps.disabled = walk === 'classes';
    every.checked = store.state.everyGamma;
    element('interpolate').classList.toggle('through-classes', walk === 'classes');
  };
  store.subscribe(show);
  show();
}

/** The whole way there and back, as an animated GIF. */
async function animation(model: Model, route: Route): Promise<Blob> {
  const { dims } = model.spec;
  const z = new Float32Array(GIF.images * dims);
  for (let i = 0; i < GIF.images; i++) z.set(latentAt(route, i / (GIF.images - 1)), i * dims);
  const pixels = await model.decode(z);
  const there = Array.from({ length: GIF.images }, (_, i) => toBytes(nth(pixels, i, model.spec)));
  const frames = [...there, ...there.slice(1, -1).reverse()];
  return new Blob([encodeGif(frames, model.spec, GIF.scale, GIF.delayMs)], { type: 'image/gif' });
}

function showStrip({ strip, model }: Route, goTo: (position: number) => void): void {
  element('interpolate').style.setProperty('--steps', String(strip.length));
  const tiles = strip.map((bytes, i) => {
    const at = i / (strip.length - 1);
    const picture = create('canvas', 'image');
    paint(picture, bytes, model.spec);
    const tile = create('button', 'tile', picture);
    tile.type = 'button';
    tile.setAttribute('aria-label', text.image(at));
    tile.addEventListener('click', () => goTo(at));
    return tile;
  });
  element('strip').replaceChildren(...tiles);
}

function markNearest(position: number): void {
  const tiles = [...element('strip').children];
  const nearest = Math.round(position * (tiles.length - 1));
  tiles.forEach((tile, i) => tile.classList.toggle('nearest', i === nearest));
}
