import type { PlaneLoss, PlaneReadout } from 'ibinn';
import { create, svg } from '../../dom.ts';
import { plane as text } from '../../strings/plane.ts';

/** A curve has at most about this many places; then every other is forgotten. */
const PLACES = 400;

/** What was read of a run as it went, thinned out as it gets long. */
export class History {
  #read: PlaneReadout[] = [];
  #every = 1;
  #count = 0;

  add(readout: PlaneReadout): void {
    if (this.#count++ % this.#every === 0) this.#read.push(readout);
    if (this.#read.length <= PLACES) return;
    this.#read = this.#read.filter((_, i) => i % 2 === 0);
    this.#every *= 2;
  }

  get read(): readonly PlaneReadout[] {
    return this.#read;
  }
}

/** One of the runs that the charts show. */
export interface Curve {
  readonly kind: PlaneLoss['kind'];
  readonly name: string;
  readonly history: History;
  readonly now: PlaneReadout | undefined;
}

interface Quantity {
  readonly name: string;
  readonly of: (readout: PlaneReadout) => number;
  readonly show: (value: number) => string;
  /** What the chart shows at least. */
  readonly least: (classes: number) => readonly [number, number];
}

const QUANTITIES: readonly Quantity[] = [
  { name: text.accuracy, of: (r) => r.accuracy, show: text.share, least: () => [0, 1] },
  { name: text.distance, of: (r) => r.meansDistance, show: text.length, least: () => [0, 4] },
  { name: text.lX, of: (r) => r.lX, show: text.nats, least: () => [0, 0.7] },
  { name: text.lY, of: (r) => r.lY, show: text.nats, least: (classes) => [-0.7, Math.log(classes)] },
];

/** Small charts of what is read of the runs, one a quantity, with the newest values as text. */
export class Charts {
  readonly #parts: readonly { picture: SVGSVGElement; values: HTMLElement; quantity: Quantity }[];

  constructor(frame: HTMLElement) {
    this.#parts = QUANTITIES.map((quantity) => {
      const picture = svg('svg', { viewBox: '0 0 1 1', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
      const values = create('p', 'plane-values');
      const name = create('dt');
      name.innerHTML = quantity.name;
      frame.append(create('div', 'plane-chart', name, create('dd', '', values, picture)));
      return { picture, values, quantity };
    });
  }

  show(curves: readonly Curve[], classes: number): void {
    const last = Math.max(1, ...curves.map(({ now }) => now?.steps ?? 0));
    for (const { picture, values, quantity } of this.#parts) {
      const read = curves.map(({ history, now }) => (now ? [...history.read, now] : history.read));
      const all = read.flat().map(quantity.of);
      const [least, most] = quantity.least(classes);
      const [low, high] = [Math.min(least, ...all), Math.max(most, ...all)];
      const y = (value: number) => (high - value) / (high - low);
      const zero = low < 0 ? [svg('line', { class: 'zero', x1: 0, x2: 1, y1: y(0), y2: y(0) })] : [];
      const lines = curves.map(({ kind }, i) => {
        const places = read[i]!.map((r) => `${(r.steps / last).toFixed(4)},${y(quantity.of(r)).toFixed(4)}`);
        return svg('polyline', { class: kind, points: places.join(' ') });
      });
      picture.replaceChildren(...zero, ...lines);
      values.replaceChildren(
        ...curves.map(({ kind, name, now }) => {
          const value = create('span', kind, now ? quantity.show(quantity.of(now)) : '');
          value.title = name;
          return value;
        }),
      );
    }
  }
}
