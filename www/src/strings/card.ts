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
    executor: 'Executor',
    noteCalibration: 'Does 90 % mean 90 %?',
    noteCalibrationText: `
      <p>Of all the times that it says 90 %, it should be right nine times in ten: then the curve follows the diagonal. The
      errors in the table say how far it strays, on average (ECE), at worst (MCE), and along the whole curve (ICE).</p>
      ${paper('Section 4; Fig 11; Table 1')}`,
    noteOod: 'Strange images',
    noteOodText: `
      <p>Shown images of another kind, how often does it find them less typical than a test image? 100 % means always, 50 %
      is guessing. Nothing was trained for this: it follows from the likelihood.</p>
      ${paper('Figs 5 and 6; Table 1')}`,
    noteWho: 'Who measured',
    noteWhoText: `
      <p>Every number was computed by the code that runs here, from the weights that you have downloaded, on the official
      test images.</p>`,
  },

  executors: { auto: 'auto', gpu: 'GPU', cpu: 'CPU' },
  dataset: 'Data set',
  method: 'Method',
  error: 'Test error',
  bitsPerDim: 'Bits/dim',
  bitsPerDimTables: 'Bits/dim, tables',
  bitsPerDimTablesHint:
    'In the convention of the paper’s tables, which leaves out the constant ½ ln 2π and the scale of the pixels.',
  training: 'Trained on',
  evaluated: 'Evaluated on',
  parameters: 'Parameters',
  epochs: (count: number) => `images, ${number(count)} ${count === 1 ? 'epoch' : 'epochs'}`,
  by: (executor: string) => `images, by the ${executor.toUpperCase()}`,
  count: (value: number) => number(value),
  share: (value: number) => percentOf(value),
  guessing: (set: string) => `${set}: guessing`,
  bits: (value: number) => number(value, 2),
  notEvaluated: 'not evaluated',

  model: 'Model',
  ece: 'ECE',
  mce: 'MCE',
  ice: 'ICE',
  auc: (set: string) => `AUC, ${set}`,
  loading: '…',
  missing: '–',
  percent: (value: number) => number(value, 1),
  fine: (value: number) => number(value, 2),
  said: 'it says',
  right: 'it is right',
  curveLabel: (points: readonly string[]) => `Calibration curve. ${points.join(' ')}`,
  curvePoint: (said: number, right: number) => `At ${number(100 * said)} % it is right in ${number(100 * right)} %.`,
  dataSets: {
    builtin: 'Drawn digits',
    mnist: 'MNIST',
    'fashion-mnist': 'Fashion-MNIST',
    kmnist: 'KMNIST',
    'cifar-10': 'CIFAR-10',
    'cifar-100': 'CIFAR-100',
  } as Record<string, string>,
  oodLabel: 'AUC of telling images of another kind from test images, percent',
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
  noOod: 'The card of this model holds no images of another kind.',
};
