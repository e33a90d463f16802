import type { Model } from 'ibinn';
import type { App } from '../../app.ts';
import { busy } from '../../busy.ts';
import { goTo } from '../../contents.ts';
import { button, byId, element, input } from '../../dom.ts';
import { filesChosen, type Named } from '../../files/folders.ts';
import { isOfTestSet, readTestSet } from '../../files/testSet.ts';
import { saveText } from '../../images/pixels.ts';
import { card as cardText } from '../../strings/card.ts';
import { pictures as text } from '../../strings/pictures.ts';
import { type Item, itemsOfFiles, itemsOfTestSet, lookAt, type Row, wasMistaken, wasSeen } from './look.ts';
import { mistakenAndStrangestFirst, MOST_ROWS, savedTable, showRows } from './table.ts';

/** The table is drawn anew at most this often while it fills. */
const REDRAW_MS = 400;

/** Many pictures at once: a table of what the model says of each. Returns what takes the files. */
export function mountPictures(app: App): (files: readonly Named[]) => void {
  const view = element('pictures');
  const table = byId('pictures-table', HTMLTableElement);
  const progress = byId('pictures-progress', HTMLProgressElement);
  let items: readonly Item[] = [];
  let rows: Row[] = [];
  let work: AbortController | undefined;

  const status = (words: string) => (element('pictures-status').textContent = words);
  const show = () => {
    const listed = app.wanted;
    element('pictures-scroll').hidden = rows.length === 0;
    showRows(table, mistakenAndStrangestFirst(rows), listed, ({ image }) => {
      app.store.set({ image });
      goTo(element('draw'));
    });
    element('pictures-more').textContent = rows.length > MOST_ROWS ? text.most(MOST_ROWS) : '';
    button('pictures-save').hidden = rows.length === 0;
    showPrior();
  };
  const showPrior = () => {
    const prior = app.model?.spec.class_prior ?? 'uniform';
    const name = cardText.classPriors[prior];
    element('pictures-prior').hidden = rows.length === 0 || name === undefined;
    element('pictures-prior').textContent = text.classPrior(name ?? '', cardText.classPriorsHint[prior] ?? '');
  };
  const finish = (cancelled: boolean) => {
    work = undefined;
    progress.hidden = button('pictures-cancel').hidden = true;
    const seen = rows.filter(wasSeen);
    const none = seen.filter(({ result }) => result.novelty?.verdict === 'none-of-these').length;
    const mistaken = seen.filter(wasMistaken).length;
    const labelled = seen.filter(({ label }) => label !== undefined).length;
    const said = [
      cancelled ? text.cancelled(rows.length, items.length) : text.done(seen.length, none, rows.length - seen.length),
      ...(labelled > 0 ? [text.mistaken(mistaken, labelled)] : []),
    ];
    status(said.join(' '));
    show();
  };
  const look = async (model: Model) => {
    work?.abort();
    const mine = (work = new AbortController());
    const done = busy(view);
    rows = [];
    element('pictures-course').hidden = progress.hidden = button('pictures-cancel').hidden = false;
    progress.value = 0;
    const started = performance.now();
    let drawn = started;
    status(text.going(0, items.length, ''));
    show();
    const taken = (more: readonly Row[]) => {
      if (mine.signal.aborted) return;
      rows.push(...more);
      const now = performance.now();
      progress.value = rows.length / items.length;
      const seconds = (((now - started) / rows.length) * (items.length - rows.length)) / 1000;
      status(text.going(rows.length, items.length, text.left(seconds)));
      if (now - drawn < REDRAW_MS) return;
      drawn = now;
      show();
    };
    const { checked } = input('pictures-frame');
    try {
      const whole = await app.use(() => lookAt(items, model, app.wanted, !checked, mine.signal, taken));
      if (!mine.signal.aborted) finish(!whole);
    } finally {
      done();
    }
  };
  const again = () => {
    if (items.length > 0 && app.model) void look(app.model);
  };
  const take = async (chosen: readonly Named[]) => {
    if (chosen.length === 0) return app.fail(new Error(text.noFiles));
    const done = busy(view);
    try {
      items = chosen.some(isOfTestSet) ? itemsOfTestSet(await readTestSet(chosen, app.wanted)) : itemsOfFiles(chosen);
      app.resolved();
      goTo(view);
      again();
    } catch (problem) {
      app.fail(problem);
    } finally {
      done();
    }
  };
  const clear = () => {
    work?.abort();
    work = undefined;
    items = rows = [];
    element('pictures-course').hidden = true;
    show();
  };

  for (const [press, chosen] of [
    ['pictures-choose', 'pictures-files'],
    ['pictures-folder', 'pictures-in-folder'],
  ] as const) {
    const list = input(chosen);
    button(press).addEventListener('click', () => list.click());
    list.addEventListener('change', () => {
      void take(filesChosen(list.files));
      list.value = '';
    });
  }
  input('pictures-frame').addEventListener('change', again);
  button('pictures-cancel').addEventListener('click', () => {
    work?.abort();
    finish(true);
  });
  button('pictures-clear').addEventListener('click', clear);
  button('pictures-save').addEventListener('click', () =>
    saveText(savedTable(rows, app.wanted.classes), 'predictions.csv', 'text/csv'),
  );
  app.onModel(({ card }) => {
    element('pictures-frame-field').hidden = card.framing === undefined;
    // What was said by another model is past.
    again();
  });
  return (files) => void take(files);
}
