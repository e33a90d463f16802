import type { Novelty } from 'ibinn';
import { svg } from '../../dom.ts';
import { number } from '../../strings/format.ts';
import { verdict as text } from '../../strings/verdict.ts';

const WIDTH = 480;
const HEIGHT = 74;
const TOP = 20;
const BOTTOM = 40;
/** The p-values at which the verdict changes, and the least that a table of 999 scores gives. */
const EDGES = [1, 0.05, 0.01, 0.001] as const;
const ZONES = ['ordinary', 'unusual', 'none-of-these'] as const;
/** Of 1,000 ordinary images. */
const TICKS = [1000, 300, 50, 10, 1];

/** The p-value of an image's novelty on an axis of three decades, whose zones are the verdicts, and a needle. */
export class NoveltyGauge {
  readonly #frame: HTMLElement;
  #needle: SVGGElement | undefined;

  constructor(frame: HTMLElement) {
    this.#frame = frame;
  }

  /** Draws the axis without a needle. */
  clear(): void {
    const needle = svg(
      'g',
      { class: 'needle', visibility: 'hidden' },
      svg('path', { d: `M0,${TOP + 1} l-7,-12 h14 z` }),
      svg('rect', { x: -1.25, y: TOP, width: 2.5, height: BOTTOM - TOP }),
    );
    const zones = ZONES.flatMap((zone, i) => {
      const [from, to] = [place(EDGES[i]!), place(EDGES[i + 1]!)];
      return [
        svg('rect', { class: `zone ${zone}`, x: from, y: TOP, width: to - from - 1.5, height: BOTTOM - TOP }),
        svg('text', { class: 'zone-name', x: (from + to) / 2, y: TOP + 15, 'text-anchor': 'middle' }, text.names[zone]),
      ];
    });
    const ticks = TICKS.map((of) => {
      const x = place(of / 1000);
      const anchor = of === 1000 ? 'start' : of === 1 ? 'end' : 'middle';
      return svg('text', { class: 'tick', x, y: BOTTOM + 15, 'text-anchor': anchor }, number(of));
    });
    this.#frame.replaceChildren(
      svg(
        'svg',
        { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, 'aria-hidden': 'true' },
        ...zones,
        ...ticks,
        svg('text', { class: 'side', x: WIDTH / 2, y: HEIGHT - 2, 'text-anchor': 'middle' }, text.axis),
        needle,
      ),
    );
    this.#needle = needle;
  }

  /** Moves the needle to an image's p-value; without a novelty there is nothing to show. */
  show(novelty: Novelty | null): void {
    if (!novelty) return this.#frame.replaceChildren();
    if (!this.#needle?.isConnected) this.clear();
    this.#needle?.setAttribute('visibility', 'visible');
    this.#needle?.style.setProperty('transform', `translateX(${place(novelty.p)}px)`);
  }
}

/** Where a p-value stands on the axis: its logarithm, strange ones to the right. */
function place(p: number): number {
  return (WIDTH * Math.log(Math.max(p, EDGES[3]))) / Math.log(EDGES[3]);
}
