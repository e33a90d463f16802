import type { App } from '../../app.ts';
import { element } from '../../dom.ts';
import { goTo } from '../../contents.ts';
import { whenVisible } from '../../whenVisible.ts';
import { gamma as text } from '../../strings/gamma.ts';
import { Drawing } from '../sample/drawing.ts';
import { Grid } from '../sample/grid.ts';

/** Drawings of each class: fewer where there is little room. */
const COUNT = { wide: 3, narrow: 2 };
/** Of a model with more classes, these are shown. */
const MOST_CLASSES = 20;
const NARROW = matchMedia('(max-width: 46rem)');

/** The stage: a few drawings of every class, which follow the dial. */
export function mountStage(app: App): void {
  const { store } = app;
  const view = element('gamma');
  const grid = new Grid(element('stage-grid'), (tile) => {
    const { seed, temperature } = store.state;
    const { class: classNumber, index } = tile;
    store.set({
      pick: { class: classNumber, index },
      image: { kind: 'sample', class: classNumber, index, seed, temperature },
    });
    goTo(element('draw'));
  });
  const drawing = new Drawing(app, view, grid);
  const draw = whenVisible(view, () => drawing.start());

  const layOut = () => {
    const { classes } = app.wanted;
    const shown = classes.slice(0, MOST_CLASSES);
    const count = NARROW.matches ? COUNT.narrow : COUNT.wide;
    const rows = shown.map((name, k) => ({
      name,
      colour: { class: k, classes: classes.length },
      tiles: Array.from({ length: count }, (_, index) => ({ class: k, index, name: text.tile(name, index) })),
    }));
    grid.layOut(rows, app.wanted);
    grid.mark(undefined);
  };
  let group = '';
  app.onWanted((wanted) => {
    if (wanted.group === group) return;
    if (group !== '') grid.clear();
    group = wanted.group;
    layOut();
  });
  NARROW.addEventListener('change', () => {
    layOut();
    draw();
  });
  app.onModel(draw);
  store.subscribe((changed) => {
    if (changed.has('temperature') || changed.has('seed')) draw();
  });
}
