import type { Novelty } from 'ibinn';
import { number, percentOf } from './format.ts';

/** What the page says of how novel an image is, wherever it does. */
export const verdict = {
  names: { ordinary: 'Ordinary', unusual: 'Unusual', 'none-of-these': 'None of these' } satisfies Record<
    Novelty['verdict'],
    string
  >,
  notFitted: 'Novelty was not fitted to this model, so it cannot say whether it has seen such a thing.',
  notMeasured: 'How many of the test images get this verdict has not been measured.',

  /** How many of the test images get the same verdict or a stranger one: what was measured of this model. */
  alarms: (kind: Novelty['verdict'], percent: number) => {
    if (kind === 'ordinary') return `${percentOf(100 - percent)} of the test images get this verdict.`;
    if (kind === 'unusual') return `${percentOf(percent)} of the test images get this verdict, or a stranger one.`;
    return `${percentOf(percent)} of the test images get this verdict, too.`;
  },
  /** The p-value as a count that one can picture. */
  count: (p: number) => {
    const of = Math.round(1000 * p);
    return of <= 1
      ? 'Of 1,000 ordinary images at most 1 is as strange, or stranger.'
      : `Of 1,000 ordinary images about ${number(of)} are as strange, or stranger.`;
  },
  axis: 'of 1,000 ordinary images, so many are as strange or stranger',
  p: (p: number) => (p <= 0.001 ? 'p ≤ 0.1 %' : `p = ${number(100 * p, p < 0.1 ? 1 : 0)} %`),
  /** Why: the nearest class, and whether the image is far from it as its own images go. */
  why: (nearest: string, share: number, allFar: boolean) => {
    const own = share <= 0.01 ? 'at most 1 %' : `${number(100 * share)} %`;
    return allFar
      ? `Far from every class. The nearest is “${nearest}”, of whose own images ${own} lie as far from it.`
      : `The nearest class is “${nearest}”, of whose own images ${own} lie as far from it.`;
  },

  /** What the likelihood adds where it is out of the ordinary: an empty image may lie near a class. */
  likelihood: (shareBelow: number): string => {
    if (shareBelow <= 0.01) return 'But it is plainer: likelier than at least 99 % of the test images.';
    if (shareBelow >= 0.99) return 'And it is less likely than at least 99 % of the test images.';
    return '';
  },

  /** How well a model tells: what was measured of it, set by set. */
  detection: (least: number, most: number) => `How well this model tells: AUROC ${number(least)} to ${number(most)} %`,
  detectionOne: (auroc: number) => `How well this model tells: AUROC ${number(auroc)} %`,
  set: 'Shown instead',
  auroc: 'AUROC',
  flagged: 'Not “ordinary”',
  percent: (value: number) => percentOf(value),
  /** What the verdict does not see. */
  hidden: (set: string, flagged: number) =>
    `Mostly hidden from it: ${set}. Of those, ${percentOf(flagged)} are called unusual or none of these.`,
  noSets: 'No images of another kind have been shown to this model.',
};
