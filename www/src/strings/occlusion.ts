import { number } from './format.ts';
import { term } from './glossary.ts';
import { contribution } from './formulas.ts';
import { inline, v } from './math.ts';

const signed = (value: number) => `${value < 0 ? '−' : '+'}${number(Math.abs(value), 1)}`;

/** Texts of what the model looks at. */
export const occlusion = {
  page: {
    title: 'What does it look at?',
    dek: 'Hide a patch of the image on the canvas, and ask how probable the rest is. Patch by patch, the evidence adds up to a picture.',
    evidence: 'Evidence for a class',
    evidenceLabel: 'The image, tinted where it speaks for or against a class',
    forClass: 'Evidence for',
    against: 'against',
    likelihood: 'What is ordinary, what is strange',
    likelihoodLabel: 'The image, tinted where it makes the image likely or unlikely',
    patch: 'Patch',
    legendFor: 'speaks for it',
    legendAgainst: 'speaks against it',
    legendOrdinary: 'makes it likelier',
    legendStrange: 'makes it less likely',
    noteHide: 'Hide and ask again',
    noteHideText: `
      <p>The patch ${inline(v('P'))} is replaced by the mean of the pixels around it. What the log-likelihood under class
      ${inline(v('y'))} loses is what the patch contributes:</p>
      ${contribution}
      <p>A pixel shows the mean over the patches that cover it.</p>`,
    noteGenerated: 'What it does not describe does not count',
    noteGeneratedText: `
      <p>An ordinary classifier may look at any corner of the image, and one can only guess at which. Here the likelihood is
      exact, and every pixel has its share in it: evidence for a class is a difference of ${term('log-likelihoods')}, in ${term('nats')}. Each
      2.3 nats make a class ten times as probable.</p>`,
    noteGammaLook: 'Turn γ',
    noteGammaLookText: `
      <p>With low γ the evidence follows the shape. With γ = ∞ the network was never asked to describe the image: it may
      hang its verdict on little, and what it calls likely need not look like anything.</p>`,
  },

  predicted: (name: string) => `the most probable (${name})`,
  runnerUp: (name: string) => `the runner-up (${name})`,
  patches: (side: number) => `${side}×${side}`,
  evidence: (value: number, forClass: string, against: string) =>
    `Here: ${signed(value)} nats for “${forClass}” against “${against}”.`,
  likelihood: (value: number) => `Here: ${signed(value)} nats of log-likelihood.`,
  evidenceScale: (most: number, forClass: string, against: string) =>
    `“${forClass}” against “${against}”; the strongest tint is ${number(most, 1)} nats.`,
  likelihoodScale: (most: number) => `The strongest tint is ${number(most, 1)} nats.`,
};
