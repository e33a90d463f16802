import { number } from './format.ts';
import { term } from './glossary.ts';
import { drawn } from './formulas.ts';
import { inline, n, o, sub, v } from './math.ts';
import { paper } from './paper.ts';

/** Texts of the samples. */
export const sample = {
  page: {
    title: 'Sample',
    dek: 'Draw as many as you like. Pick one to look at it, change it, keep it.',
    rows: 'Rows',
    class: 'Class',
    temperature: `Temperature ${inline(v('T'))}`,
    count: 'Count per row',
    seed: 'Seed',
    newSeed: 'Draw another seed',
    gridLabel: 'Samples. Use the arrow keys to go from one to the next, Enter to pick one.',
    picked: 'Picked sample',
    open: 'Look closer',
    useAsA: 'Interpolate from here',
    useAsB: 'Interpolate to here',
    savePng: 'Save PNG',
    saveGrid: 'Save the grid',
    noteCloud: 'From a point to a picture',
    noteCloudText: `
      <p>${inline(sub(v('m'), v('y')))} is where the training images of class ${inline(v('y'))} lie on average. Step away from
      it in a random direction ${inline(v('n'))} and run the network backwards:</p>
      ${drawn}`,
    noteTemperature: 'Temperature and seed',
    noteTemperatureText: `
      <p>The ${term('temperature')} says how far to stray from the middle, the seed in which direction. So moving
      ${inline(v('T'))} changes a picture, and a new seed draws another. At ${inline(v('T'), o('='), n('0'))} there is only
      the middle of each class.</p>`,
    noteGamma: 'The same points for every γ',
    noteGammaText: `
      <p>Choose γ for the rows: each row is another network, each column the same random direction. Low γ draws
      best. Where only the class counts, the network need not know what images look like, and it does not.</p>
      ${paper('Figs 8 and 14')}`,
  },

  rows: { classes: 'Classes', gammas: 'γ' },
  allClasses: 'All',
  tile: (row: string, name: string, index: number) =>
    row === '' ? `${name}, sample ${index + 1}` : `${name}, sample ${index + 1}, ${row}`,
  drawing: 'Drawing …',
  drawn: (count: number, seconds: number) => `${number(count)} samples in ${number(seconds, seconds < 10 ? 2 : 1)} s`,
  temperature: (value: number) => number(value, 2),
};
