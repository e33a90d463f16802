import type { Model } from 'ibinn';
import { svg } from '../../dom.ts';
import { number } from '../../strings/format.ts';
import { draw as text } from '../../strings/draw.ts';

const WIDTH = 480;
const HEIGHT = 120;
/** Where the ground of the hill lies. */
const BASE = 80;
const BINS = 60;
/** The axis goes on by this share of the test images' range, to show how far off an image is. */
const BEYOND = 0.6;
/** The outermost half percent on each side would stretch the axis for few images. */
const TRIM = 1;

/** Where an image's bits/dim lies among those of the test images: a hill of theirs, and a needle. */
export class Likelihood {
  readonly #frame: HTMLElement;
  #needle: SVGGElement | undefined;
  #place: (bits: number) => number = () => 0;
  /** The model whose test images are shown, or on their way, and the last image's bits/dim under it. */
  #model: Model | undefined;
  #bits: number | undefined;

  constructor(frame: HTMLElement) {
    this.#frame = frame;
  }

  /** Draws the hill of a model's test images. Rejects as the model's calls do. */
  async setModel(model: Model): Promise<void> {
    this.#model = model;
    this.#needle = this.#bits = undefined;
    const { evaluation } = model.card;
    if (!evaluation) return this.#frame.replaceChildren(text.noEvaluation);
    const { quantiles } = evaluation.typicality;
    const [low, high] = [quantiles.at(TRIM)!, quantiles.at(-1 - TRIM)!];
    const [first, last] = [low - BEYOND * (high - low), high + BEYOND * (high - low)];
    const edges = Float64Array.from({ length: BINS + 1 }, (_, i) => first + ((last - first) * i) / BINS);
    const [below, ends] = await Promise.all([model.shareBelow(edges), model.bitsPerDim(Float64Array.of(first, last))]);
    if (model !== this.#model) return;
    const [from, to] = [ends[0]!, ends[1]!];
    this.#place = (bits) => (WIDTH * (bits - from)) / (to - from);
    this.#needle = svg(
      'g',
      { class: 'needle', visibility: 'hidden' },
      svg('line', { y1: 6, y2: BASE }),
      svg('circle', { cy: 6, r: 4.5 }),
      svg('path', { class: 'off left', d: `M-4,${BASE - 34} l-9,6 l9,6 z` }),
      svg('path', { class: 'off right', d: `M4,${BASE - 34} l9,6 l-9,6 z` }),
    );
    const picture = svg(
      'svg',
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, 'aria-hidden': 'true' },
      svg('path', { class: 'hill', d: hill(below) }),
      svg('line', { class: 'ground', x1: 0, x2: WIDTH, y1: BASE, y2: BASE }),
      ...this.#ticks(from, to),
      svg('text', { class: 'side', x: 0, y: HEIGHT - 2 }, `← ${text.moreLikely}`),
      svg('text', { class: 'side', x: WIDTH, y: HEIGHT - 2, 'text-anchor': 'end' }, `${text.lessLikely} →`),
      this.#needle,
    );
    this.#frame.replaceChildren(picture);
    if (this.#bits !== undefined) this.show(this.#bits);
  }

  /** Moves the needle to an image's bits/dim; one that is off the axis stands at its end with an arrow. */
  show(bits: number): void {
    this.#bits = bits;
    const place = this.#place(bits);
    const inside = Math.min(WIDTH - 14, Math.max(14, place));
    this.#needle?.setAttribute('visibility', 'visible');
    this.#needle?.style.setProperty('transform', `translateX(${inside}px)`);
    this.#needle?.classList.toggle('off-left', place < inside);
    this.#needle?.classList.toggle('off-right', place > inside);
  }

  #ticks(from: number, to: number): SVGElement[] {
    const step = niceStep((to - from) / 5);
    const first = Math.ceil(from / step);
    const ticks = Array.from({ length: Math.floor(to / step) - first + 1 }, (_, i) => (first + i) * step);
    return ticks.flatMap((tick) => {
      const x = this.#place(tick);
      if (x < 16 || x > WIDTH - 16) return [];
      const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
      return [
        svg('line', { class: 'ground', x1: x, x2: x, y1: BASE, y2: BASE + 4 }),
        svg('text', { class: 'tick', x, y: BASE + 16, 'text-anchor': 'middle' }, number(tick, digits)),
      ];
    });
  }
}

/** The outline of the density: how many of the test images lie in each of the bins, from the shares below their edges. */
function hill(below: Float64Array): string {
  const raw = Array.from(below.subarray(1), (share, i) => share - below[i]!);
  const smooth = raw.map((_, i) => ((raw[i - 1] ?? 0) + 2 * raw[i]! + (raw[i + 1] ?? 0)) / 4);
  const highest = Math.max(...smooth);
  const points = smooth.map((share, i) => {
    const x = (WIDTH * (i + 0.5)) / BINS;
    return `${x.toFixed(1)},${(BASE - ((BASE - 16) * share) / highest).toFixed(1)}`;
  });
  return `M0,${BASE} L${points.join(' L')} L${WIDTH},${BASE} Z`;
}

/** 1, 2 or 5 times a power of ten, not below `least`. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * (least <= power ? 1 : least <= 2 * power ? 2 : least <= 5 * power ? 5 : 10);
}
