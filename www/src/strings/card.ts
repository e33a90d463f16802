import type { Spec } from 'ibinn';
import { number, percentOf } from './format.ts';
import { paper } from './paper.ts';

/** Texts of the model card. */
export const card = {
  page: {
    title: 'Model card',
    dek: 'What was trained, and what was measured of it on images that it never saw.',
    group: 'All methods',
    calibration: 'Calibration',
    ood: 'Has it seen such a thing?',
    executor: 'Runs on',
    noteCalibration: 'Does 90 % mean 90 %?',
    noteCalibrationText: `
      <p>Of all the times that it predicts 90 %, it should be right nine times in ten: then the curve follows the diagonal. The
      errors in the table say how far it strays, on average (expected calibration error, ECE, over the posteriors of all
      classes, as the paper counts), at worst (MCE), and along the whole curve (ICE).</p>
      ${paper('Section 4; Fig 11; Table 1')}`,
    noteOod: 'Out-of-distribution detection',
    noteOodText: `
      <p>Shown an image of another kind and a test image, how often does the score find the other one stranger? Always is an
      AUROC of 100 %, guessing 50 %; below that, it takes the other kind for the more ordinary. <dfn>Novelty</dfn> asks where
      the latent lies; <dfn>typicality</dfn>, the paper’s score, how usual the likelihood is. No image of another kind was
      trained on for either.</p>
      ${paper('Figs 5 and 6; Table 1')}`,
    noteWho: 'Who measured',
    noteWhoText: `
      <p>Every number was computed by the code that runs here, from the weights that you have downloaded, on test
      images that it was not trained on.</p>`,
  },

  executors: { auto: 'auto', gpu: 'GPU', cpu: 'CPU' },
  dataset: 'Data set',
  method: 'Method',
  error: 'Test error',
  bitsPerDim: 'Bits/dim',
  bitsPerDimTables: 'Bits/dim, as in the paper’s tables',
  bitsPerDimTablesHint:
    'In the convention of the paper’s tables, which leaves out the constant ½ ln 2π and the scale of the pixels.',
  classPrior: 'Class prior',
  /** Class priors that are not uniform, which is what everybody takes them for; and what that does to the posterior. */
  classPriors: { counts: 'counts', learned: 'learned' } as Partial<Record<Spec['class_prior'], string>>,
  classPriorsHint: {
    counts: 'The posterior expects classes as often as they were among the training images.',
    learned: 'The posterior expects some classes more often than others, as was learnt with the means.',
  } as Partial<Record<Spec['class_prior'], string>>,
  training: 'Trained on',
  evaluated: 'Tested on',
  parameters: 'Parameters',
  epochs: (count: number) => `images, ${number(count)} ${count === 1 ? 'epoch' : 'epochs'}`,
  by: (executor: string) => `images, by the ${executor.toUpperCase()}`,
  count: (value: number) => number(value),
  share: (value: number) => percentOf(value),
  bits: (value: number) => number(value, 2),
  notEvaluated: 'not evaluated',

  model: 'Model',
  ece: 'ECE',
  mce: 'MCE',
  ice: 'ICE',
  auroc: (score: string, set: string) => `${score} AUROC, ${set}`,
  novelty: 'Novelty',
  typicality: 'Typicality',
  loading: '…',
  missing: '–',
  percent: (value: number) => number(value, 1),
  fine: (value: number) => number(value, 2),
  said: 'predicted probability',
  right: 'observed frequency',
  curveLabel: (points: readonly string[]) => `Calibration curve. ${points.join(' ')}`,
  curvePoint: (said: number, right: number) => `Predicted ${number(100 * said)} %, observed ${number(100 * right)} %.`,
  dataSets: {
    builtin: 'Drawn digits',
    mnist: 'MNIST',
    'fashion-mnist': 'Fashion-MNIST',
    kmnist: 'KMNIST',
    'cifar-10': 'CIFAR-10',
    'cifar-100': 'CIFAR-100',
    own: 'Your own pictures',
  } as Record<string, string>,
  oodLabel: 'AUROC of telling images of another kind from test images, percent: by novelty, and by typicality',
  guessing: 'guessing',
  better: '100 %',
  worse: '0 %',
  set: 'Shown instead of test images',
  aurocNovelty: 'Novelty AUROC',
  fpr95: 'FPR at 95 %',
  flagged: 'Not “ordinary”',
  none: '“None of these”',
  entropyIncrease: 'Rise of entropy, nats',
  worseThanGuessing: (value: string) => `${value}, worse than guessing`,
  alarmsTitle: 'What the verdict does to test images',
  level: 'Level aimed at',
  level100: (alpha: number) => `${number(alpha)} %`,
  alarms: 'False alarms',
  missed: 'Own class left out of the set',
  alarmsNote:
    'Measured false alarms beside the level that is aimed at; the set of classes at a level leaves out those that are too far.',
  confusion: 'Which class is taken for which',
  confusionNote: 'Test images by their class (rows) and the class that they are taken for (columns).',
  classError: 'error',
  sets: {
    noise: 'test images with noise',
    kmnist: 'Japanese characters (KMNIST)',
    notmnist: 'letters of fonts (notMNIST)',
    mnist: 'handwritten digits (MNIST)',
    'fashion-mnist': 'garments (Fashion-MNIST)',
    quickdraw: 'doodles (QuickDraw)',
    natural32: 'photographs',
    builtin: 'drawn digits',
    'builtin-letters': 'drawn letters',
    'rgb-rotation': 'colours rotated',
  } as Record<string, string>,
  noCalibration: 'The card of this model holds no calibration curve.',
  noNovelty: 'Novelty was not fitted to this model.',
  noOod: 'The card of this model holds no images of another kind.',
};
