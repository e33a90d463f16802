import type { Corruption, Model } from 'ibinn';
import type { App } from '../../app.ts';
import { busy } from '../../busy.ts';
import { button, canvas, choice, create, element } from '../../dom.ts';
import { goTo } from '../../contents.ts';
import { paint, toBytes } from '../../images/pixels.ts';
import { disturbedLatent, fitSource, own as ownImage, type Source } from '../../images/source.ts';
import { latestOnly } from '../../latestOnly.ts';
import { whenVisible } from '../../whenVisible.ts';
import { type State, TINTS } from '../../state.ts';
import { interpolate } from '../../strings/interpolate.ts';
import { map as text } from '../../strings/map.ts';
import { verdict } from '../../strings/verdict.ts';
import { followPointer } from './pointer.ts';
import { Plot } from './plot.ts';
import { regionsOf } from './regions.ts';
import { centred, moved, type Point, type View, WHOLE, ZOOM_STEP, zoomed } from './view.ts';

/** The regions are computed anew when the view has rested for this long. */
const REST_MS = 120;

/** The map of latent space: what lies where, and what the network makes of any point. */
export function mountMap(app: App): void {
  const { store } = app;
  const view = element('map');
  const plot = new Plot(canvas('atlas'));
  /** What is decoded now, and the latent of the visitor's image, disturbed as it is, under the model that runs. */
  let shown: { readonly bytes: Uint8Array } | undefined;
  let own:
    | { readonly model: Model; readonly image: Source; readonly corruption: Corruption; readonly z: Float32Array }
    | undefined;

  /** A latent of the plane that is shown: of the one through the visitor's image, or else of that through the means. */
  const through = (model: Model) => (store.state.through === 'image' && own?.model === model ? own.z : undefined);
  const decode = latestOnly(app, view, async (model, point: Point) => {
    const z = await model.unproject(Float64Array.of(...point), through(model));
    const posterior = await model.posterior(z);
    const bytes = toBytes(await model.decode(z));
    if (model !== app.model) return;
    shown = { bytes };
    paint(canvas('map-image'), bytes, model.spec);
    const winner = posterior.indexOf(Math.max(...posterior));
    element('map-class').textContent = text.pointClass(model.spec.classes[winner] ?? '', posterior[winner] ?? 0);
    element('map-place').textContent = text.place(...point);
  });
  const tint = latestOnly(app, view, async (model, _: View) => {
    const { tint: by } = store.state;
    const lacks = !model.card.evaluation?.latent_map || (by === 'novelty' && !model.card.novelty);
    if (by === 'none' || lacks) return plot.setRegions(undefined);
    const regions = await regionsOf(model, plot.shown, by, through(model));
    if (model === app.model) plot.setRegions(regions);
  });
  const averages = new WeakMap<Model, readonly Point[]>();
  const average = latestOnly(app, view, async (model) => {
    if (!model.card.evaluation?.latent_map) return;
    const known = averages.get(model);
    if (known) return plot.setAverages(known);
    const points: Point[] = [];
    for (const k of model.spec.classes.keys()) {
      // A sample of temperature 0 is the average itself.
      const [x, y] = await model.project((await model.sample({ class: k, count: 1, temperature: 0 })).z);
      if (model !== app.model || x === undefined || y === undefined) return;
      points.push([x, y]);
    }
    averages.set(model, points);
    plot.setAverages(points);
  });
  let resting: ReturnType<typeof setTimeout> | undefined;
  let rested: (() => void) | undefined;
  const showView = () => {
    plot.setView(store.state.view);
    canvas('atlas').classList.toggle('enlarged', plot.enlarged);
    clearTimeout(resting);
    rested ??= busy(view);
    resting = setTimeout(() => {
      tint(store.state.view);
      rested?.();
      rested = undefined;
    }, REST_MS);
  };
  const showPoint = (point: Point) => {
    plot.setCross(point);
    decode(point);
  };
  const ownLatent = async (model: Model, { image, corruption }: Readonly<State>) => {
    if (own?.model === model && own.image === image && own.corruption === corruption) return own.z;
    const z = await disturbedLatent(fitSource(image, model), corruption, model);
    own = { model, image, corruption, z };
    return z;
  };
  const followOwn = latestOnly(app, view, async (model, state: Readonly<State>) => {
    const [x, y] = await model.project(await ownLatent(model, state));
    if (model !== app.model || x === undefined || y === undefined) return;
    plot.setPoint([x, y], true);
    if (store.state.through !== 'image') return;
    decode(store.state.point);
    tint(store.state.view);
  });

  const refresh = whenVisible(view, () => {
    const { model } = app;
    if (!model) return;
    const latentMap = model.card.evaluation?.latent_map;
    plot.setMap(latentMap, model.spec.classes);
    element('map-note').textContent = latentMap ? text.images(latentMap.labels.length) : text.none;
    if (!latentMap) return;
    showView();
    average(undefined);
    followOwn(store.state);
    showPoint(store.state.point);
  });
  const showOwn = whenVisible(view, () => followOwn(store.state));

  followPointer(plot, {
    over: (point) => {
      if (!app.model) return;
      const nearest = plot.nearest(point);
      const latentMap = app.model.card.evaluation?.latent_map;
      const label = nearest === undefined ? undefined : latentMap?.labels[nearest];
      element('map-note').textContent =
        label === undefined
          ? text.images(latentMap?.labels.length ?? 0)
          : text.nearest(app.wanted.classes[label] ?? '');
      showPoint(point);
    },
    left: () => showPoint(store.state.point),
    marked: (point) => store.set({ point }),
    dragged: (by) => store.set({ view: moved(store.state.view, by) }),
    zoomed: (factor, at) => store.set({ view: zoomed(store.state.view, factor, at) }),
    stepped: ([dx, dy]) => {
      const { width, height } = plot.shown;
      const [x, y] = store.state.point;
      store.set({ point: [x + dx * width, y - dy * height] });
    },
    whole: () => store.set({ view: WHOLE }),
  });
  button('zoom-in').addEventListener('click', () =>
    store.set({ view: zoomed(store.state.view, ZOOM_STEP, [0.5, 0.5]) }),
  );
  button('zoom-out').addEventListener('click', () =>
    store.set({ view: zoomed(store.state.view, 1 / ZOOM_STEP, [0.5, 0.5]) }),
  );
  button('zoom-fit').addEventListener('click', () => store.set({ view: WHOLE }));
  button('map-own').addEventListener('click', () => {
    void app.use(async (model) => {
      const [x, y] = await model.project(await ownLatent(model, store.state));
      if (x === undefined || y === undefined) return;
      store.set({ point: [x, y], view: centred(store.state.view, plot.whole, [x, y]) });
    });
  });
  mountChoices(app);
  for (const [id, property] of [
    ['map-open', 'image'],
    ['map-a', 'a'],
    ['map-b', 'b'],
  ] as const) {
    button(id).addEventListener('click', () => {
      if (!shown) return;
      store.set({ [property]: ownImage(shown.bytes, { asItIs: true }) });
      if (property === 'image') goTo(element('draw'));
      else element('map-note').textContent = interpolate.isEnd(property.toUpperCase());
    });
  }

  app.onModel(refresh);
  store.subscribe((changed) => {
    if (changed.has('view')) showView();
    if (changed.has('tint') || changed.has('through')) tint(store.state.view);
    if (changed.has('point') || changed.has('through')) showPoint(store.state.point);
    if (changed.has('image')) refresh();
    else if (changed.has('corruption')) showOwn();
  });
}

function mountChoices(app: App): void {
  const { store } = app;
  const radios = (['means', 'image'] as const).map((through) => {
    const { label, radio } = choice('through', through, through === 'means' ? text.throughMeans : text.throughImage);
    radio.addEventListener('change', () => store.set({ through }));
    element('map-through').append(label);
    return radio;
  });
  const tints = TINTS.map((tint) => {
    const { label, radio } = choice('tint', tint, text.tints[tint]);
    radio.addEventListener('change', () => store.set({ tint }));
    element('map-tint').append(label);
    return radio;
  });
  const legend = Object.entries(verdict.names).map(([name, words]) => {
    const entry = create('li', '', words);
    entry.dataset.verdict = name;
    return entry;
  });
  element('map-legend').append(...legend);
  const check = () => {
    const { through, tint } = store.state;
    for (const radio of radios) radio.checked = radio.value === through;
    for (const radio of tints) radio.checked = radio.value === tint;
    element('map-through-note').textContent = text.throughNote;
    element('map-through-note').hidden = through === 'means';
    element('map-legend').hidden = tint !== 'novelty';
  };
  store.subscribe((changed) => (changed.has('through') || changed.has('tint')) && check());
  check();
  app.onModel(({ card }) => {
    for (const radio of tints) radio.disabled = radio.value === 'novelty' && !card.novelty;
  });
}
