import { number } from './format.ts';

/** Texts of the model card. */
export const card = {
  page: {
    title: 'Model card',
    dek: 'What was trained, and what was measured of it on images that it never saw.',
    executor: 'Executor',
  },

  executors: { auto: 'auto', gpu: 'GPU', cpu: 'CPU' },
  dataset: 'Data set',
  gamma: 'γ',
  loss: 'Loss',
  error: 'Test error',
  bitsPerDim: 'Bits/dim',
  bitsPerDimTables: 'Bits/dim, tables',
  bitsPerDimTablesHint: 'In the convention of the paper’s tables, which leaves out the constant ½ ln 2π and the scale of the pixels.',
  training: 'Trained on',
  judged: 'Judged on',
  parameters: 'Parameters',
  epochs: (count: number) => `images, ${number(count)} ${count === 1 ? 'epoch' : 'epochs'}`,
  by: (executor: string) => `images, by the ${executor.toUpperCase()}`,
  count: (value: number) => number(value),
  share: (value: number) => `${number(value, 2)} %`,
  bits: (value: number) => number(value, 2),
  notJudged: 'not judged',
};
