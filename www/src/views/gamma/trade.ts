import { create, svg } from '../../dom.ts';
import type { ListedModel } from '../../models/list.ts';
import { gamma as text } from '../../strings/gamma.ts';

/** What was measured at one stop of the dial. */
interface Point {
  readonly listed: ListedModel;
  readonly error: number;
  readonly bitsPerDim: number;
}

/** Room above and below the curves, as a share of the height. */
const MARGIN = 0.24;
/** Ticks of an axis lie at least this share of the height apart. */
const APART = 0.17;
/** And at least this share from its ends. */
const EDGE = 0.06;

/** What γ trades: test error and bits per dimension at each stop of the dial below, whose place marks the chosen one. */
export class Trade {
  readonly #frame: HTMLElement;
  #points: readonly Point[] = [];
  #marks: HTMLElement[][] = [];
  #group = '';

  constructor(frame: HTMLElement) {
    this.#frame = frame;
  }

  /** Shows the group of the dial, with `wanted` marked. */
  show(group: readonly ListedModel[], wanted: ListedModel): void {
    if (wanted.group !== this.#group) this.#draw(group);
    this.#group = wanted.group;
    this.#points.forEach(({ listed }, i) => {
      for (const mark of this.#marks[i] ?? []) mark.classList.toggle('chosen', listed === wanted);
    });
  }

  #draw(group: readonly ListedModel[]): void {
    this.#points = group.flatMap((listed) => {
      const { gamma, error, bitsPerDim } = listed;
      return gamma !== undefined && error !== undefined && bitsPerDim !== undefined
        ? { listed, error, bitsPerDim }
        : [];
    });
    const points = this.#points;
    this.#frame.hidden = points.length < 2;
    if (points.length < 2) return;
    const error = new Axis(points.map((point) => point.error));
    const bits = new Axis(points.map((point) => point.bitsPerDim));
    const curve = (name: string, heights: readonly number[]) =>
      svg('polyline', {
        class: name,
        points: heights.map((y, i) => `${i},${y}`).join(' '),
        'vector-effect': 'non-scaling-stroke',
      });
    const picture = svg(
      'svg',
      { viewBox: `0 0 ${points.length - 1} 1`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      curve(
        'bits',
        points.map(({ bitsPerDim }) => bits.height(bitsPerDim)),
      ),
      curve(
        'error',
        points.map((point) => error.height(point.error)),
      ),
    );
    this.#marks = points.map((point, i) => {
      const x = i / (points.length - 1);
      const [errorHeight, bitsHeight] = [error.height(point.error), bits.height(point.bitsPerDim)];
      const low = errorHeight > bitsHeight;
      return [
        place(create('span', 'trade-line'), x, 0),
        mark('bits', text.bitsPerPixel(point.bitsPerDim), x, bitsHeight, !low),
        mark('error', text.wrong(point.error), x, errorHeight, low),
      ];
    });
    const plot = create('div', 'trade-plot');
    plot.append(
      picture,
      ...bits.ticks.map((value) => tick('bits', text.bitsTick(value), bits.height(value))),
      ...error.ticks.map((value) => tick('error', text.errorTick(value), error.height(value))),
      ...this.#marks.flat(),
    );
    const title = (axis: string, words: string) =>
      create('p', `trade-title ${axis}`, create('span', '', words), create('span', 'trade-scale', text.logarithmic));
    this.#frame.replaceChildren(title('bits', text.bitsName), plot, title('error', text.wrongName));
    const rows = points.map(({ listed, error, bitsPerDim }) => text.tradeRow(listed.label, error, bitsPerDim));
    this.#frame.setAttribute('aria-label', text.tradeLabel(rows));
  }
}

/** A dot of a curve with its value, which is shown above or below it while the dial stands there. */
function mark(curve: string, value: string, x: number, y: number, below: boolean): HTMLElement {
  const label = create('span', x > 0.85 ? 'trade-value left' : x < 0.15 ? 'trade-value right' : 'trade-value', value);
  const dot = create('span', `trade-dot ${curve}${below ? ' below' : ''}`, label);
  return place(dot, x, y);
}

function place(mark: HTMLElement, x: number, y: number): HTMLElement {
  mark.style.setProperty('left', `${100 * x}%`);
  mark.style.setProperty('top', `${100 * y}%`);
  return mark;
}

/** A number on one of the axes. */
function tick(axis: string, words: string, y: number): HTMLElement {
  const mark = create('span', `trade-tick ${axis}`, words);
  mark.style.setProperty('top', `${100 * y}%`);
  return mark;
}

/** A logarithmic axis that holds all of its values, the least at the bottom. */
class Axis {
  /** Round numbers within the axis, from the bottom up. */
  readonly ticks: readonly number[];
  readonly #least: number;
  readonly #span: number;

  constructor(values: readonly number[]) {
    const logs = values.map((value) => Math.log(Math.max(value, 1e-2)));
    this.#least = Math.min(...logs);
    this.#span = Math.max(Math.max(...logs) - this.#least, 0.1);
    const places = [-2, -1, 0, 1, 2, 3].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power));
    const inside = places.filter((value) => this.height(value) > EDGE && this.height(value) < 1 - EDGE);
    // The powers of ten first, as far as there is room.
    const ordered = inside.sort((a, b) => rank(a) - rank(b));
    const chosen: number[] = [];
    for (const value of ordered) {
      if (chosen.every((other) => Math.abs(this.height(other) - this.height(value)) > APART)) chosen.push(value);
    }
    this.ticks = chosen.sort((a, b) => a - b);
  }

  /** Where a value stands, from 0 at the top to 1. */
  height(value: number): number {
    return 1 - MARGIN - ((1 - 2 * MARGIN) * (Math.log(Math.max(value, 1e-2)) - this.#least)) / this.#span;
  }
}

/** 0 of a power of ten, else 1. */
function rank(value: number): number {
  return Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9 ? 0 : 1;
}
