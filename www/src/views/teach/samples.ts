import type { Model } from 'ibinn';
import { create } from '../../dom.ts';
import { nth, paint, toBytes } from '../../images/pixels.ts';
import { colourByClass } from '../../palette.ts';
import { teach as text } from '../../strings/teach.ts';

/** Samples of a class. */
const COLUMNS = 6;
const TEMPERATURE = 0.7;

/** What a model draws: a row for each class, each column from the same noise, so that one sees it learn. */
export class Samples {
  readonly #frame: HTMLElement;
  #rows: HTMLCanvasElement[][] = [];
  #names: readonly string[] = [];

  constructor(frame: HTMLElement) {
    this.#frame = frame;
  }

  /** Draws all of them with a model. */
  async show(model: Model): Promise<void> {
    const { classes } = model.spec;
    if (classes.join('\n') !== this.#names.join('\n')) this.#layOut(classes);
    for (const [k, row] of this.#rows.entries()) {
      const { pixels } = await model.sample({ class: k, count: COLUMNS, temperature: TEMPERATURE });
      row.forEach((canvas, i) => paint(canvas, toBytes(nth(pixels, i, model.spec)), model.spec));
    }
  }

  #layOut(names: readonly string[]): void {
    this.#names = names;
    this.#rows = names.map((name) =>
      Array.from({ length: COLUMNS }, () => {
        const canvas = create('canvas', 'image');
        canvas.setAttribute('role', 'img');
        canvas.setAttribute('aria-label', text.sample(name));
        return canvas;
      }),
    );
    const rows = names.map((name, k) => {
      const row = create('div', 'teach-row', create('h4', 'teach-row-name', text.samplesOf(name)), ...this.#rows[k]!);
      colourByClass(row, k, names.length);
      return row;
    });
    this.#frame.replaceChildren(...rows);
  }
}
