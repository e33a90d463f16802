import type { Classification } from 'ibinn';
import { create } from '../../dom.ts';
import { colourByClass } from '../../palette.ts';
import { percent } from '../../strings/format.ts';

/** With more classes than this, only the most probable ones have a bar. */
const MOST_BARS = 12;

interface Bar {
  readonly row: HTMLLIElement;
  readonly name: HTMLElement;
  readonly fill: HTMLElement;
  readonly share: HTMLElement;
}

/** The posterior, a bar for each class. */
export class Bars {
  readonly #list: HTMLElement;
  #names: readonly string[] = [];
  #bars: Bar[] = [];

  constructor(list: HTMLElement) {
    this.#list = list;
  }

  /** Prepares the bars for a model's classes. */
  setClasses(names: readonly string[]): void {
    this.#names = names;
    this.#bars = names.slice(0, MOST_BARS).map(() => {
      const [name, fill, share] = [create('span', 'bar-name'), create('span', 'bar-fill'), create('span', 'bar-share')];
      return { row: create('li', '', name, create('span', 'bar-track', fill), share), name, fill, share };
    });
    this.#list.replaceChildren(...this.#bars.map(({ row }) => row));
    this.#bars.forEach((bar, k) => this.#fill(bar, k, 0));
  }

  /** Shows a posterior: in the order of the classes, or the most probable ones first when there are many. */
  show({ posterior, prediction }: Classification): void {
    const order = this.#names.map((_, k) => k);
    if (order.length > MOST_BARS) order.sort((a, b) => (posterior[b] ?? 0) - (posterior[a] ?? 0));
    this.#bars.forEach((bar, place) => {
      const k = order[place] ?? place;
      this.#fill(bar, k, posterior[k] ?? 0);
      bar.row.classList.toggle('predicted', k === prediction);
    });
  }

  #fill(bar: Bar, classNumber: number, probability: number): void {
    bar.name.textContent = this.#names[classNumber] ?? '';
    bar.fill.style.setProperty('--share', String(probability));
    bar.share.textContent = percent(probability);
    colourByClass(bar.row, classNumber, this.#names.length);
  }
}
