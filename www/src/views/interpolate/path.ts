import { create, svg } from '../../dom.ts';
import { colourByClass } from '../../palette.ts';

/** A class is in the legend when its share is at least this somewhere on the way. */
const NAMED = 0.05;

/** The posterior at each step of a walk, as bands that lie on each other, and which class each band is. */
export class Path {
  readonly #frame: HTMLElement;
  readonly #legend: HTMLElement;

  constructor(frame: HTMLElement, legend: HTMLElement) {
    this.#frame = frame;
    this.#legend = legend;
  }

  /** Draws the bands of the posteriors, one for each step; each lies under its image of the strip. */
  show(posteriors: readonly Float64Array[], names: readonly string[]): void {
    const steps = posteriors.length;
    const most = names.map((_, k) => Math.max(...posteriors.map((posterior) => posterior[k] ?? 0)));
    const bottoms = posteriors.map(() => 1);
    const bands = names.map((_, k) => {
      const tops = bottoms.map((bottom, i) => bottom - (posteriors[i]?.[k] ?? 0));
      const outline = [...line(tops), ...line(bottoms).reverse()];
      tops.forEach((top, i) => (bottoms[i] = top));
      const band = svg('polygon', { points: outline.join(' ') });
      colourByClass(band, k, names.length);
      return band;
    });
    const picture = svg('svg', { viewBox: `0 0 ${steps} 1`, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
    picture.append(...bands.filter((_, k) => most[k]! > 0));
    this.#frame.replaceChildren(picture, create('div', 'cursor'));
    this.#legend.replaceChildren(
      ...names.flatMap((name, k) => {
        if (most[k]! < NAMED) return [];
        const entry = create('li', '', name);
        colourByClass(entry, k, names.length);
        return [entry];
      }),
    );
  }
}

/** Points through the middle of each step, level before the first and after the last. */
function line(heights: readonly number[]): string[] {
  const inner = heights.map((y, i) => `${i + 0.5},${y}`);
  return [`0,${heights[0]}`, ...inner, `${heights.length},${heights.at(-1)}`];
}
