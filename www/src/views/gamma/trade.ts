import { create, svg } from '../../dom.ts';
import type { ListedModel } from '../../models/list.ts';
import { gamma as text } from '../../strings/gamma.ts';

/** What was measured at one stop of the dial. */
interface Point {
  readonly listed: ListedModel;
  readonly error: number;
  readonly bitsPerDim: number;
}

/** Values above this multiple of the least are drawn at the upper edge: a pure classifier is far worse than all others. */
const MOST = { error: 40, bitsPerDim: 1.6 };
/** Room above and below the curves, as a share of the height. */
const MARGIN = 0.27;

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
    const error = scale(
      points.map((point) => point.error),
      MOST.error,
    );
    const bits = scale(
      points.map((point) => point.bitsPerDim),
      MOST.bitsPerDim,
    );
    const curve = (name: string, heights: readonly number[]) =>
      svg('polyline', {
        class: name,
        points: heights.map((y, i) => `${i},${y}`).join(' '),
        'vector-effect': 'non-scaling-stroke',
      });
    const picture = svg(
      'svg',
      { viewBox: `0 0 ${points.length - 1} 1`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      curve('bits', bits.heights),
      curve('error', error.heights),
    );
    this.#marks = points.map((point, i) => {
      const x = i / (points.length - 1);
      const low = error.heights[i]! > bits.heights[i]!;
      return [
        place(create('span', 'trade-line'), x, 0),
        mark('bits', text.bitsPerPixel(point.bitsPerDim), x, bits.heights[i]!, !low),
        mark('error', text.wrong(point.error), x, error.heights[i]!, low),
      ];
    });
    const plot = create('div', 'trade-plot');
    plot.append(picture, ...this.#marks.flat());
    const legend = create(
      'p',
      'trade-legend',
      create('span', 'bits', text.bitsName),
      create('span', 'error', text.wrongName),
    );
    this.#frame.replaceChildren(legend, plot);
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

/** Heights from 0 (top) to 1 on a logarithmic scale of their own, the least at the bottom; too large ones at the top. */
function scale(values: readonly number[], most: number): { heights: number[] } {
  const logs = values.map((value) => Math.log(Math.max(value, 1e-2)));
  const least = Math.min(...logs);
  const logsInside = logs.filter((value) => value <= least + Math.log(most));
  const greatest = Math.max(...logsInside);
  const span = Math.max(greatest - least, 1e-6);
  const height = (value: number) =>
    value > greatest ? 0.04 : 1 - MARGIN - ((1 - 2 * MARGIN) * (value - least)) / span;
  return { heights: logs.map(height) };
}
