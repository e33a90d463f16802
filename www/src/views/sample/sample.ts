import type { App } from '../../app.ts';
import { button, canvas, choice, element, input } from '../../dom.ts';
import { goTo } from '../../contents.ts';
import { gridCanvas, paint, savePng } from '../../images/pixels.ts';
import type { Sample } from '../../images/source.ts';
import { colourByClass } from '../../palette.ts';
import { newSeed, typedSeed } from '../../seeds.ts';
import { whenVisible } from '../../whenVisible.ts';
import type { State } from '../../state.ts';
import { interpolate } from '../../strings/interpolate.ts';
import { sample as text } from '../../strings/sample.ts';
import { Drawing } from './drawing.ts';
import { Grid, type Row, type Tile } from './grid.ts';

/** Of a model with more classes, as many are drawn at once; each can be chosen by itself. */
const MOST_ROWS = 30;

/** The samples: their controls, the grid, and the picked one. */
export function mountSample(app: App): void {
  const { store } = app;
  const view = element('sample');
  const grid = new Grid(element('grid'), (tile) => {
    if (tile.listed) store.turnTo(tile.listed.name);
    store.set({ pick: { class: tile.class, index: tile.index } });
  });
  const status = (words: string) => (element('sample-status').textContent = words);
  const drawing = new Drawing(app, view, grid, {
    started: () => status(text.drawing),
    drawn: (tile) => tile === grid.picked && showPicked(),
    ended: (seconds) => status(seconds === undefined ? '' : text.drawn(grid.tiles.length, seconds)),
  });
  const draw = whenVisible(view, () => drawing.start());

  const mark = () => {
    grid.mark(store.state.pick, store.state.rows === 'gammas' ? app.wanted : undefined);
    showPicked();
  };
  const layOut = () => {
    const { rows, class: chosen } = store.state;
    element('grid').dataset.rows = rows === 'gammas' ? 'gammas' : chosen === 'all' ? 'classes' : 'class';
    grid.layOut(rows === 'gammas' ? rowsByGamma(app) : rowsByClass(app), app.wanted);
    element('count-field').hidden = rows === 'gammas' && chosen === 'all';
    mark();
  };
  const showPicked = () => {
    const tile = grid.picked;
    if (!tile) return;
    element('picked-name').textContent = tile.name;
    paint(canvas('picked'), tile.bytes ?? new Uint8Array(), app.wanted);
  };

  bindRange(app, 'temperature', text.temperature);
  bindRange(app, 'count', String);
  mountRows(app);
  mountSeed(app);
  mountPicked(app, grid);

  let group = '';
  app.onWanted((wanted) => {
    if (wanted.group === group) {
      if (store.state.rows === 'gammas') mark();
      return;
    }
    if (group !== '') grid.clear();
    group = wanted.group;
    showClasses(app, wanted.classes);
    layOut();
  });
  let left = false;
  app.onModel(() => {
    // Rows of γ stay what they are, whatever runs; unless they were being drawn by what has been left.
    if (store.state.rows === 'classes' || left || grid.tiles.some(({ bytes }) => !bytes)) draw();
    left = false;
  });
  store.subscribe((changed) => {
    if (changed.has('executor')) left = true;
    if (changed.has('class') || changed.has('count') || changed.has('rows')) {
      layOut();
      draw();
    } else if (changed.has('temperature') || changed.has('seed')) draw();
    if (changed.has('pick')) mark();
    if (changed.has('class')) checkClass(store.state);
  });
}

function classesOf({ wanted, store }: App): number[] {
  const { class: chosen } = store.state;
  if (chosen !== 'all' && chosen < wanted.classes.length) return [chosen];
  return [...wanted.classes.slice(0, MOST_ROWS).keys()];
}

function rowsByClass(app: App): Row[] {
  const { classes } = app.wanted;
  return classesOf(app).map((k) => {
    const name = classes[k] ?? '';
    const tiles = Array.from({ length: app.store.state.count }, (_, index) => ({
      class: k,
      index,
      name: text.tile('', name, index),
    }));
    return { name, colour: { class: k, classes: classes.length }, tiles };
  });
}

/** A row for each model of the group: one sample of every class, or several of the one that is chosen. */
function rowsByGamma(app: App): Row[] {
  const chosen = classesOf(app);
  const count = chosen.length > 1 ? 1 : app.store.state.count;
  return app.group.map((listed) => ({
    name: listed.label,
    tiles: chosen.flatMap((k) =>
      Array.from({ length: count }, (_, index) => ({
        listed,
        class: k,
        index,
        name: text.tile(listed.label, listed.classes[k] ?? '', index),
      })),
    ),
  }));
}

function mountRows(app: App): void {
  const radios = (['classes', 'gammas'] as const).map((rows) => {
    const { label, radio } = choice('rows', rows, text.rows[rows]);
    radio.addEventListener('change', () => app.store.set({ rows }));
    element('rows').append(label);
    return radio;
  });
  const check = () => radios.forEach((radio) => (radio.checked = radio.value === app.store.state.rows));
  app.store.subscribe((changed) => changed.has('rows') && check());
  check();
}

function mountSeed({ store }: App): void {
  const seed = input('seed');
  const show = () => (seed.value = String(store.state.seed));
  seed.addEventListener('change', () => {
    store.set({ seed: typedSeed(seed.value) });
    show();
  });
  button('new-seed').addEventListener('click', () => store.set({ seed: newSeed() }));
  store.subscribe((changed) => changed.has('seed') && show());
  show();
}

/** What can be done with the picked sample. */
function mountPicked(app: App, grid: Grid): void {
  const { store } = app;
  const use = (id: string, property: 'image' | 'a' | 'b', done: () => void) =>
    button(id).addEventListener('click', () => {
      const tile = grid.picked;
      if (!tile) return;
      const { seed, temperature } = store.state;
      const sample: Sample = { kind: 'sample', class: tile.class, index: tile.index, seed, temperature };
      store.set({ [property]: sample });
      done();
    });
  const say = (words: string) => (element('picked-name').textContent = words);
  use('picked-classify', 'image', () => goTo(element('draw')));
  use('picked-a', 'a', () => say(interpolate.isEnd('A')));
  use('picked-b', 'b', () => say(interpolate.isEnd('B')));
  button('picked-save').addEventListener('click', () => {
    const tile = grid.picked;
    if (tile?.bytes) savePng(tile.canvas, fileName(app, tile));
  });
  button('save-grid').addEventListener('click', () => {
    const images = grid.tiles.flatMap(({ bytes }) => bytes ?? []);
    const columns = grid.tiles.filter(
      ({ button }) => button.parentElement === grid.tiles[0]?.button.parentElement,
    ).length;
    if (images.length > 0) savePng(gridCanvas(images, columns, app.wanted), fileName(app));
  });
}

function showClasses(app: App, classes: readonly string[]): void {
  const all = choice('class', 'all', text.allClasses);
  all.radio.addEventListener('change', () => app.store.set({ class: 'all' }));
  const each = classes.map((name, k) => {
    const { label, radio } = choice('class', String(k), name);
    colourByClass(label, k, classes.length);
    radio.addEventListener('change', () => app.store.set({ class: k }));
    return label;
  });
  const fieldset = element('classes');
  fieldset.replaceChildren(...fieldset.querySelectorAll('legend'), all.label, ...each);
  checkClass(app.store.state);
}

function checkClass({ class: chosen }: Readonly<State>): void {
  const radios = element('classes').querySelectorAll('input');
  const wanted = [...radios].find(({ value }) => value === String(chosen)) ?? radios[0];
  if (wanted) wanted.checked = true;
}

function bindRange(app: App, name: 'temperature' | 'count', show: (value: number) => string): void {
  const range = input(name);
  const update = () => {
    range.value = String(app.store.state[name]);
    element(`${name}-value`).textContent = show(app.store.state[name]);
  };
  range.addEventListener('input', () => app.store.set({ [name]: Number(range.value) }));
  app.store.subscribe((changed) => changed.has(name) && update());
  update();
}

function fileName({ wanted, store }: App, tile?: Tile): string {
  const { seed, temperature, rows } = store.state;
  const which = tile ? `class${tile.class}-${tile.index}` : `grid-of-${rows}`;
  return `${wanted.name}-${which}-seed${seed}-T${temperature}.png`;
}
