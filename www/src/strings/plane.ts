import type { PlaneLoss, PlaneReadout, PlaneSet } from 'ibinn';
import { number, percentOf, plain } from './format.ts';
import { classNll } from './formulas.ts';
import { inline, n, o, sub, v } from './math.ts';
import { paper } from './paper.ts';

const gammaSign = inline(v('γ'));
const LX = inline(sub(v('L'), v('X')));
const LY = inline(sub(v('L'), v('Y')));

/** Texts of the view that trains on the plane. */
export const plane = {
  page: {
    title: 'Train one yourself',
    dek: 'A flow small enough to be trained while you watch: points of the plane instead of images, and two losses side by side.',
    play: 'Play',
    step: 'One step',
    reset: 'Start over',
    tryLabel: 'Try this: settings to watch, which start at once',
    try: 'Try this:',
    tryIb: 'IB, γ = 1',
    tryClassNll: 'class-NLL',
    tryBoth: 'side by side',
    sets: 'Points',
    classes: 'Classes',
    count: 'How many',
    loss: 'Loss',
    gamma: `IB: ${gammaSign}`,
    dims: `Class-NLL, weighed as in ${inline(v('D'))} dimensions`,
    noise: `Noise ${inline(v('σ'))}`,
    rate: 'Learning rate',
    paint: 'Paint your own on the data',
    undo: 'Undo',
    clear: 'Remove all',
    seed: 'Seed',
    newSeed: 'Draw another seed',
    dataSpace: 'Data space',
    latentSpace: 'Latent space',
    dataLabel:
      'Data space: the points, what the flow makes of the plane around them, and where its decision changes. Click or drag ' +
      'to paint points. With the keyboard: the arrow keys move a cross, Space paints a point there, the digits choose its ' +
      'class, Backspace takes the last one back.',
    latentLabel:
      'Latent space: the plane as the flow bends it, the latents of the points, and the cloud around each mean.',
    noteMeans: 'Means repel, means collapse',
    noteMeansText: `
      <p>Press <i>side by side</i>. Both flows start alike, with two means close to each other. ${LY} rewards a latent for
      being nearer to its own mean than to the others, so under the IB loss means push each other apart. The class-NLL of an
      image only pulls: the label counts for next to nothing, the flow makes one cloud of both rings, and both means slide
      to its middle.</p>
      ${paper('Section 3; Fig 4')}`,
    noteGamma: `Class-NLL is a very small ${gammaSign}`,
    noteGammaText: `
      <p>For a likelihood given the class, Bayes’ rule leaves</p>
      ${classNll}
      <p>one label against ${inline(v('D'))} numbers. In the plane that is ${inline(v('γ'), o('='), n('½'))}, and classes come
      apart; choose 2 and see. In a CIFAR image it is 1/3072.</p>`,
    noteMesh: 'The plane, bent',
    noteMeshText: `
      <p>The square mesh of the data space is drawn again in latent space, where the flow has bent it. No two lines ever
      merge: the flow can be undone. Where it stretches the mesh, the density is high; the lines around the points hold half
      and 95 % of them. Turn ${gammaSign} to 0 or to ∞ while it plays: without ${LY} colours mix, without ${LX} the
      density goes to pieces.</p>`,
  },

  pause: 'Pause',
  accuracy: 'Accuracy',
  distance: 'Distance of the means',
  lX: `${LX}, nats/dim`,
  lY: `${LY}, nats`,
  share: (value: number) => percentOf(100 * value),
  length: (value: number) => number(value, 2),
  nats: (value: number) => number(value, 2),
  whole: (value: number) => number(value),
  gamma: (value: number) => (value === Infinity ? '∞' : plain(value)),
  steps: (count: number) => `Step ${number(count)}`,
  ib: (gamma: number) => `IB, γ = ${plane.gamma(gamma)}`,
  classNll: (dims: number) => `Class-NLL, D = ${dims}`,
  sets: (set: PlaneSet) =>
    ({ circles: 'Rings', moons: 'Moons', spirals: 'Spirals', blobs: 'Blobs', blank: 'None' })[set],
  shown: (shown: 'both' | PlaneLoss['kind']) => ({ both: 'Both', ib: 'IB', 'class-nll': 'Class-NLL' })[shown],
  dims: (dims: number) => ({ 2: '2, as here', 784: '784', 3072: '3072' })[dims] ?? String(dims),
  className: (label: number) => `Class ${label + 1}`,
  painted: (count: number) => (count === 0 ? 'None yet.' : `${number(count)} painted.`),
  enough: (most: number) => `${number(most)} points can be painted; take some back to paint others.`,
  noPoints: 'There is nothing to learn from: choose points, or paint some.',
  summary: (runs: readonly (PlaneReadout & { name: string })[]) => {
    const steps = runs[0]?.steps ?? 0;
    if (steps === 0) return '';
    const each = runs.map(
      ({ name, accuracy, meansDistance }) =>
        `${name}: ${percentOf(100 * accuracy)} right, means ${number(meansDistance, 2)} apart.`,
    );
    return `After ${number(steps)} steps. ${each.join(' ')}`;
  },
};
