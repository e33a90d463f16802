import { create, svg } from '../../dom.ts';
import { teach as text } from '../../strings/teach.ts';

/** A curve has at most about this many places; then every other is forgotten. */
const PLACES = 240;

/** A quantity that is read as the training goes. */
class Curve {
  readonly part: HTMLElement;
  readonly #value = create('span');
  readonly #picture = svg('svg', { viewBox: '0 0 1 1', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  readonly #show: (value: number) => string;
  readonly #bounds: readonly [number, number] | undefined;
  #read: { steps: number; value: number }[] = [];
  #every = 1;
  #count = 0;

  constructor(name: string, show: (value: number) => string, bounds?: readonly [number, number]) {
    const term = create('dt');
    term.innerHTML = name;
    this.#show = show;
    this.#bounds = bounds;
    this.part = create('div', 'teach-chart', term, create('dd', '', this.#value, this.#picture));
  }

  add(steps: number, value: number): void {
    if (this.#count++ % this.#every === 0) this.#read.push({ steps, value });
    if (this.#read.length > PLACES) {
      this.#read = this.#read.filter((_, i) => i % 2 === 0);
      this.#every *= 2;
    }
    this.#value.textContent = this.#show(value);
    const first = this.#read[0]?.steps ?? 0;
    const length = Math.max(1, steps - first);
    const values = this.#read.map((read) => read.value);
    const [low, high] = this.#bounds ?? [Math.min(...values), Math.max(...values)];
    const y = (v: number) => (high > low ? (high - v) / (high - low) : 0.5);
    const places = [...this.#read, { steps, value }].map(
      (read) => `${((read.steps - first) / length).toFixed(4)},${y(read.value).toFixed(4)}`,
    );
    this.#picture.replaceChildren(svg('polyline', { points: places.join(' ') }));
  }

  clear(): void {
    this.#read = [];
    this.#every = 1;
    this.#count = 0;
    this.#value.textContent = '';
    this.#picture.replaceChildren();
  }
}

/** What is read of the training: what it gets right of what is held out, and both losses. */
export class Charts {
  readonly #frame: HTMLElement;
  readonly #right = new Curve(text.rightChart, text.share, [0, 1]);
  readonly #lX = new Curve(text.lXChart, text.nats);
  readonly #lY = new Curve(text.lYChart, text.nats);
  /** Means of the last batches: single ones jump. */
  #mean: { lX: number; lY: number } | undefined;

  constructor(frame: HTMLElement) {
    this.#frame = frame;
    frame.append(...[this.#right, this.#lX, this.#lY].map(({ part }) => part));
  }

  /** A step was taken. */
  step(steps: number, lX: number, lY: number): void {
    this.#frame.hidden = false;
    const before = this.#mean ?? { lX, lY };
    this.#mean = { lX: before.lX + 0.1 * (lX - before.lX), lY: before.lY + 0.1 * (lY - before.lY) };
    this.#lX.add(steps, this.#mean.lX);
    this.#lY.add(steps, this.#mean.lY);
  }

  /** What is held out was looked at. */
  right(steps: number, share: number): void {
    this.#frame.hidden = false;
    this.#right.add(steps, share);
  }

  clear(): void {
    this.#mean = undefined;
    this.#frame.hidden = true;
    for (const curve of [this.#right, this.#lX, this.#lY]) curve.clear();
  }
}
