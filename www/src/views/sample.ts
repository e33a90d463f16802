import type { Model } from 'ibinn';
import type { App } from '../app.ts';
import { button, canvas, choice, element, input, scrollTo } from '../dom.ts';
import { colourByClass } from '../palette.ts';
import { gridCanvas, paint, savePng, toBytes, nth } from '../pixels.ts';
import type { Sample } from '../source.ts';
import { LARGEST_SEED, type State } from '../state.ts';
import { interpolate, sample as text } from '../strings.ts';
import { Grid, type Tile } from './grid.ts';

/** As many images are asked for at once, so that the grid fills as results arrive and others get their turn. */
const CHUNK = 10;
/** New seeds are drawn below this: short enough to tell each other. */
const SEEDS = 10_000;

/** The samples: their controls, the grid, and the picked one. */
export function mountSample(app: App): void {
  const { store } = app;
  const grid = new Grid(element('grid'), (pick) => store.set({ pick }));
  const drawing = new Drawing(app, grid, (tile) => {
    if (tile === grid.picked) showPicked();
  });

  const classes = () => {
    const names = app.model?.spec.classes ?? [];
    const { class: chosen } = store.state;
    if (chosen !== 'all' && chosen < names.length) return [chosen];
    return names.map((_, k) => k);
  };
  const layOut = () => {
    grid.layOut({ classes: classes(), names: app.model?.spec.classes ?? [], count: store.state.count });
    grid.mark(store.state.pick);
    showPicked();
    drawing.start();
  };
  const showPicked = () => {
    const tile = grid.picked;
    if (!app.model || !tile) return;
    element('picked-name').textContent = text.tile(app.model.spec.classes[tile.class] ?? '', tile.index);
    if (!tile.bytes) return;
    paint(canvas('picked'), tile.bytes, app.model.spec);
    paint(canvas('schema-image'), tile.bytes, app.model.spec);
  };

  bindRange(app, 'temperature', text.temperature);
  bindRange(app, 'count', String);
  const seed = input('seed');
  seed.value = String(store.state.seed);
  seed.addEventListener('change', () => {
    const value = Math.min(LARGEST_SEED, Math.max(0, Math.floor(Number(seed.value)) || 0));
    seed.value = String(value);
    store.set({ seed: value });
  });
  button('new-seed').addEventListener('click', () => store.set({ seed: Math.floor(SEEDS * Math.random()) }));

  const pickedSample = (): Sample | undefined => {
    const tile = grid.picked;
    const { seed, temperature } = store.state;
    return tile && { kind: 'sample', class: tile.class, index: tile.index, seed, temperature };
  };
  const use = (id: string, property: 'image' | 'a' | 'b', done: () => void) =>
    button(id).addEventListener('click', () => {
      const picked = pickedSample();
      if (!picked) return;
      store.set({ [property]: picked });
      done();
    });
  use('picked-classify', 'image', () => scrollTo('classify'));
  use('picked-a', 'a', () => (element('picked-name').textContent = interpolate.isEnd('A')));
  use('picked-b', 'b', () => (element('picked-name').textContent = interpolate.isEnd('B')));
  button('picked-save').addEventListener('click', () => {
    const tile = grid.picked;
    if (tile?.bytes) savePng(tile.canvas, fileName(store.state, tile));
  });
  button('save-grid').addEventListener('click', () => {
    const images = grid.tiles.flatMap(({ bytes }) => bytes ?? []);
    if (app.model && images.length > 0) {
      savePng(gridCanvas(images, store.state.count, app.model.spec), fileName(store.state));
    }
  });

  app.onModel((model) => {
    showClasses(app, model);
    grid.clear();
    layOut();
  });
  store.subscribe((changed) => {
    if (changed.has('seed')) seed.value = String(store.state.seed);
    if (changed.has('class') || changed.has('count')) layOut();
    else if (changed.has('temperature') || changed.has('seed')) drawing.start();
    if (changed.has('pick')) {
      grid.mark(store.state.pick);
      showPicked();
    }
    if (changed.has('class')) checkClass(store.state);
  });
}

/**
 * Draws the grid chunk by chunk. When a control moves, every chunk is drawn again, beginning with the one whose turn
 * it is: so all rows follow a moving slider, not the first ones alone.
 */
class Drawing {
  readonly #app: App;
  readonly #grid: Grid;
  readonly #drawn: (tile: Tile) => void;
  /** Tiles that are yet to be drawn with the current settings. */
  #stale: Tile[] = [];
  #running = false;
  #started = 0;

  constructor(app: App, grid: Grid, drawn: (tile: Tile) => void) {
    this.#app = app;
    this.#grid = grid;
    this.#drawn = drawn;
  }

  start(): void {
    const next = this.#stale[0];
    const { tiles } = this.#grid;
    const at = next ? Math.max(0, tiles.indexOf(next)) : 0;
    this.#stale = [...tiles.slice(at), ...tiles.slice(0, at)];
    this.#started = performance.now();
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    element('sample-status').textContent = text.drawing;
    let drawn = true;
    while (drawn && this.#stale.length > 0) {
      const before = this.#app.model;
      drawn = (await this.#app.use((model) => this.#chunk(model))) || before !== this.#app.model;
    }
    this.#running = false;
    const seconds = (performance.now() - this.#started) / 1000;
    element('sample-status').textContent = drawn ? text.drawn(this.#grid.tiles.length, seconds) : '';
  }

  /** Draws the next tiles that lie beside each other in one row. */
  async #chunk(model: Model): Promise<void> {
    const first = this.#stale[0];
    if (!first) return;
    const apart = this.#stale.findIndex((tile, i) => tile.class !== first.class || tile.index !== first.index + i);
    const tiles = this.#stale.splice(0, Math.min(CHUNK, apart < 0 ? this.#stale.length : apart));
    const { temperature, seed } = this.#app.store.state;
    const wanted = { class: first.class, count: tiles.length, first: first.index, temperature, seed };
    const { pixels } = await model.sample(wanted);
    if (model !== this.#app.model) return;
    tiles.forEach((tile, i) => {
      this.#grid.show(tile, toBytes(nth(pixels, i, model.spec)), model.spec);
      this.#drawn(tile);
    });
  }
}

function showClasses(app: App, model: Model): void {
  const { classes } = model.spec;
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

function fileName({ model, seed, temperature }: Readonly<State>, tile?: Tile): string {
  const which = tile ? `class${tile.class}-${tile.index}` : 'grid';
  return `${model === '' ? 'sample' : model}-${which}-seed${seed}-T${temperature}.png`;
}
