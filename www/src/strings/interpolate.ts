import { number, percent } from './format.ts';
import { term } from './glossary.ts';
import { line } from './formulas.ts';
import { inline, n, o, row, sub, sup, v } from './math.ts';
import { paper } from './paper.ts';

/** Texts of the interpolation. */
export const interpolate = {
  page: {
    title: 'Interpolate',
    dek: 'Walk from one image to another through latent space.',
    endA: 'A',
    endB: 'B',
    position: 'Position between A and B',
    play: 'Play',
    steps: 'Steps',
    saveStrip: 'Save PNG',
    saveLoop: 'Save GIF',
    walk: 'Path',
    everyGamma: 'Show every γ',
    stripLabel: 'Images on the line from A to B',
    along: 'Posterior along the path',
    compare: 'A and B compared',
    between: 'The image between A and B',
    noteLine: 'A straight line',
    noteLineText: `
      <p>Blending two pictures pixel by pixel shows two ghosts. Here the blend happens in latent space, and every point of
      the line is an image of its own:</p>
      ${line}
      ${paper('Fig 9')}`,
    noteBands: 'Where it changes its mind',
    noteBandsText: `
      <p>The bands are the ${term('posterior')} at each step. Between two classes lies a plane, halfway between their means; where
      the line crosses it, the posterior tips over.</p>`,
    noteMorph: 'Style: what is not class',
    noteMorphText: `
      <p>Take ${inline(sub(v('z'), v('A')), o('−'), sub(v('m'), v('y')))}, what makes A differ from the middle of its class,
      and carry it to the middle of every other class: the same slant, or width, or shade, as something else.</p>`,
    noteExact: 'It starts at exactly your drawing',
    noteExactText: `
      <p>Take your own drawing as an end: the line begins at that very drawing, pixel for pixel, since
      ${inline(sup(v('g'), row(o('−'), n('1'))), o('('), v('g'), o('('), v('x'), o(')'), o(')'), o('='), v('x'))}.</p>`,
  },

  compared: { class: 'Class', bits: 'Bits/dim', verdict: 'Verdict' },
  sees: (name: string, share: number) => `${name}, ${percent(share)}`,
  bits: (value: number) => number(value, 2),
  notSaid: '–',
  /** Two points of a standard normal distribution in D dimensions lie about √(2D) apart. */
  apart: (distance: number, dims: number) =>
    `Their latents lie ${number(distance, 1)} apart. Two random points of a round cloud would lie about ` +
    `${number(Math.sqrt(2 * dims), 1)} apart, in as many dimensions.`,
  walks: { line: 'From A to B', classes: 'A through all classes' },
  turnTo: (label: string) => `Turn to ${label}`,
  rowOf: (label: string) => `The same path at ${label}`,
  pause: 'Pause',
  ownImage: 'your image',
  isEnd: (end: string) => `Now end ${end} of the interpolation.`,
  chooseEnd: (end: string) => `End ${end}`,
  another: (end: string) => `Draw another sample for end ${end}`,
  image: (share: number) => `Image at ${number(share, 3)} of the path`,
};
