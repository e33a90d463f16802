import type { Method } from 'ibinn';
import { term } from './glossary.ts';
import { card as cardText } from './card.ts';
import { gammaOf } from '../models/gammaOf.ts';
import { bits, percentOf, plain } from './format.ts';
import { tradeOff } from './formulas.ts';
import { inline, sub, v } from './math.ts';
import { paper } from './paper.ts';

const gammaSign = inline(v('γ'));

/** Texts of the first view: γ, the pictures of each class, and what runs the model. */
export const gamma = {
  page: {
    title: 'Turn γ',
    group: 'Trained on',
    open: 'Open your own model',
    openShort: 'Open',
    openMore: 'your own model',
    openHint: 'Open a .safetensors file that the trainer wrote; you can also drop it anywhere on the page',
    stageHint: 'Its own drawings, three of each class. Click one to look closer.',
    redraw: 'Draw others',
    gridLabel: 'Drawings of each class. Use the arrow keys to go from one to the next, Enter to look closer.',
    dial: 'γ: from describing images to telling classes apart',
    describes: 'describes images',
    decides: 'tells classes apart',
    progress: 'The model is being loaded',
    wordsLabel: 'What γ does',
    noteTrade: 'One number, two wishes',
    noteTradeText: `
      <p>Training asks for two things: describe the images well (low ${inline(sub(v('L'), v('X')))}), and tell the classes
      apart (high ${inline(sub(v('L'), v('Y')))}, the ${term('log-posterior')} of the label, at most 0). ${gammaSign} says how much the second counts.</p>
      ${tradeOff}
      <p>So it is a dial between a density model and an ordinary classifier.</p>
      ${paper('Section 3; Fig 6')}`,
    noteFlow: 'Nothing is lost inside',
    noteFlowText: `
      <p>Every layer of a ${term('normalizing flow')} can be undone. The network turns an image into exactly one point
      ${inline(v('z'))} of a latent space with as many dimensions as the image has pixels, and every point into exactly one
      image. That is why a classifier can draw.</p>`,
    noteBayes: 'Classes are clouds',
    noteBayesText: `
      <p>Training asks for round clouds, one for each class, around means ${inline(sub(v('μ'), v('y')))}. The images of a class
      fill only a part of theirs: on average they lie at ${inline(sub(v('m'), v('y')))}, some way off the mean. The drawings
      above are random points around ${inline(sub(v('m'), v('y')))}, run backwards; the directions stay the same while you turn
      ${gammaSign}, only the network changes.</p>
      ${paper('Figs 8 and 14')}`,
  },

  /** What tells a model from others of its group. */
  label: (method: Method) => {
    if (method.name === 'ib-inn') return `γ = ${numberOf(gammaOf(method) ?? 0)}`;
    return method.frozen_means === undefined ? 'class-NLL' : 'class-NLL, regularised';
  },
  stop: (value: number) => numberOf(value),
  others: 'Other methods',
  classNll: 'The usual way to train a generative classifier: describe each image as one of its class',
  tile: (name: string, index: number) => `${name}, drawing ${index + 1}`,

  /** What the model of the dial does, in two sentences: what was measured, and what it means. */
  words: (value: number, error: number | undefined, bitsPerDim: number | undefined) => {
    const measured =
      error === undefined || bitsPerDim === undefined
        ? `At γ = ${numberOf(value)} nothing has been measured yet.`
        : `At γ = ${numberOf(value)} this network misclassifies ${percentOf(error)} of the test images, and describes ` +
          `an image with ${bits(bitsPerDim)} bits/dim.`;
    return `${measured} ${meaning(value)}`;
  },
  wordsOther: (name: string, error: number | undefined, bitsPerDim: number | undefined) => {
    const measured =
      error === undefined || bitsPerDim === undefined
        ? `Trained with ${name}, nothing has been measured yet.`
        : `Trained with ${name}, this network misclassifies ${percentOf(error)} of the test images, and describes an image ` +
          `with ${bits(bitsPerDim)} bits/dim.`;
    return `${measured} Class-NLL is the usual way to train a generative classifier: describe each image as one of its class.`;
  },
  tradeLabel: (rows: readonly string[]) => `Test error and bits/dim by γ. ${rows.join(' ')}`,
  tradeRow: (label: string, error: number, bitsPerDim: number) =>
    `${label}: ${percentOf(error)} wrong, ${bits(bitsPerDim)} bits/dim.`,
  wrong: (error: number) => `${percentOf(error)} wrong`,
  bitsPerPixel: (value: number) => `${bits(value)} bits/dim`,
  bitsTick: (value: number) => plain(value),
  errorTick: (value: number) => `${plain(value)} %`,
  logarithmic: 'log scale',
  wrongName: cardText.error,
  bitsName: cardText.bitsPerDim,

  loading: (title: string) => `Loading ${title} …`,
  starting: 'Starting the model …',
  onCpu: 'Running on the CPU.',
  onGpu: (name: string, backend: string) =>
    backend === '' ? `Running on the GPU: ${name}.` : `Running on the GPU: ${name} (${backend}).`,
  noWebGpu: 'This browser offers no WebGPU, so the model runs on the CPU: all works, only slower.',
  software: 'This adapter is software, which is slower than a real GPU.',
  noList: (problem: string) => `The list of models cannot be read (${problem}).`,
  emptyList: 'models/index.json is not a list of models.',
  ownGroup: (title: string) => `Yours: ${title}`,
  foreign: (address: string) => `Models are opened from this site only, and not from ${address}.`,
  notFound: (path: string, status: number) => `There is no model at ${path}: the site answered ${status}.`,
  needsFile: (file: string) =>
    `This address shows a model of somebody’s own: open its file, “${file}”, or drop it here. Until then the first model is shown.`,
  unknown: (name: string) => `There is no model named “${name}” here, so the first one is shown.`,
};

function numberOf(value: number): string {
  return value === Infinity ? '∞' : plain(value);
}

function meaning(value: number): string {
  if (value === 0)
    return (
      'It was only asked to describe images, and nothing drew its clouds apart. The drawings are sorted all the same: each ' +
      'starts from the average latent of its class.'
    );
  if (value < 0.1) return 'It draws well, and tells classes apart on the side.';
  if (value < 1) return 'A little more weight on the classes, and it is wrong less often.';
  if (value === 1)
    return 'A nat of the class counts as much as a nat in every dimension of the image: it draws, and tells classes apart.';
  if (value < Infinity) return 'The classes count most: it draws worse, and gains little accuracy for it.';
  return 'It was only asked to tell classes apart, as ordinary classifiers are, and never to describe an image: it draws noise.';
}
