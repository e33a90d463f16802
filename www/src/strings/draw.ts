import { number, percent, sentence } from './format.ts';
import { term } from './glossary.ts';
import { byBayes, density } from './formulas.ts';
import { inline, v } from './math.ts';
import { paper } from './paper.ts';

/** Texts of drawing and classifying. */
export const draw = {
  page: {
    title: 'Draw & see',
    dek: 'Draw anything, or show it a picture. It names a class, or says: none of these.',
    canvasLabel:
      'Drawing canvas. Draw with mouse, finger or pen. With the keyboard: the arrow keys move the brush, ' +
      'holding Shift while they move it draws, Space puts one dot.',
    canvasEmpty: 'Draw here',
    canvasDrop: 'Drop the image',
    preview: 'What the model sees',
    tool: 'Tool',
    brush: 'Brush',
    eraser: 'Eraser',
    brushSize: 'Width',
    tone: 'Tone',
    colour: 'Colour',
    clear: 'Clear',
    upload: 'Upload an image',
    camera: 'Camera',
    takeSample: 'Sample',
    asItIs: 'as it is',
    pasteHint: 'You can also paste an image, or drop one anywhere on the page.',
    place: 'Where it lies in latent space',
    placeLabel: 'Map of latent space: test images as dots in the colour of their class, and the image on the canvas.',
    placeNote: 'Dots are test images, discs the means of the classes. The ringed point is your image.',
    disturb: 'Perturb it',
    turning: 'Below each slider, the verdict at every place of it: green ordinary, yellow unusual, red none of these.',
    undisturbed: 'Reset',
    saveNumbers: 'Save CSV',
    useAsA: 'Interpolate from here',
    useAsB: 'Interpolate to here',
    posterior: 'Posterior',
    novelty: 'Has it seen such a thing?',
    likelihood: 'How likely is this image?',
    likelihoodText: 'The hill: bits/dim of the test images. The needle: this image.',
    typicality: 'Typicality, the paper’s measure',
    undo: 'Undo',
    redo: 'Redo',
    tries: 'Things to try',
    every: 'One image, every γ',
    everyHint:
      'The same pixels, seen by every network of the dial. Press one to turn to it: low γ describes, high γ decides.',
    noteBayes: 'Bayes, not a last layer',
    noteBayesText: `
      <p>It learned how the images of each class are distributed; which class an image belongs to follows by
      <dfn>Bayes’ rule</dfn>. The nearer ${inline(v('z'))} lies to the mean of a class, the more probable it is:</p>
      ${byBayes}`,
    noteLikelihood: 'An exact likelihood',
    noteLikelihoodText: `
      <p>The same clouds tell how likely the image is at all. It is exact, since the network can be undone:</p>
      ${density}
      <p>We count it in bits per dimension; fewer is likelier, and the bytes of the image themselves take 8.</p>`,
    noteTypical: '“None of these”',
    noteTypicalText: `
      <p>Any classifier names a class for anything. This one also asks how its ${term('latent')} lies to those of the training
      images: nearer to a class than to all of them together, or not. The share of ordinary images that are as
      ${term('novel')} is the ${term('p-value')}; up to 5 % is unusual, up to 1 % none of these. So some ordinary images get that, too.</p>
      <p>The paper asks only how ${term('typical')} the ${term('likelihood')} is, which tells far less.</p>
      ${paper('Figs 5 and 12; Table 1')}`,
  },

  from: (name: string) => `A drawing of “${name}” by the model. Draw over it, or clear the canvas.`,
  own: 'Your image.',
  empty: 'An empty canvas.',
  tries: {
    letter: 'A letter',
    smiley: 'A smiley',
    seven: 'A seven',
    photograph: 'A picture like a photograph',
    noise: 'Noise',
    black: 'Black',
    half: 'Half of one of its own drawings',
  },
  turnTo: (label: string) => `Turn to ${label}`,
  load: 'Load',
  arriving: (share: number) => (share < 0.99 ? `Loading, ${number(100 * share)} %` : 'Starting …'),
  noVerdict: 'No verdict',
  asItIs: 'Your image, as it is.',
  noGround: 'Your image. Nothing on a plain ground was found in it, so it is left as it is.',
  /** What was done to an image; `light` when the training images are light on dark. */
  framed: (inverted: boolean, light: boolean, scale: number) => {
    const turned = light ? 'turned light on dark' : 'turned dark on light';
    const sized = scale > 1 ? `enlarged ${number(scale, 1)} times` : `made smaller, to ${number(100 * scale)} %`;
    const done = [...(inverted ? [turned] : []), ...(Math.abs(Math.log(scale)) < 0.05 ? [] : [sized]), 'centred'];
    return sentence(`${done.join(', ')}, as its training images are`);
  },
  noMap: 'The card of this model holds no map.',
  noCamera: 'There is no camera that this page could use.',
  cameraRefused: 'The camera may not be used: the browser, or you, have said no.',
  live: 'What the camera sees.',
  keepPicture: 'Keep it',
  corruptions: {
    rotation: 'Rotation',
    noise: 'Noise',
    blur: 'Blur',
    inversion: 'Invert',
    occlusion: 'Occlusion',
    colours: 'Colours',
  },
  amount: {
    rotation: (value: number) => `${number(value)}°`,
    noise: (value: number) => `σ ${number(value, 2)}`,
    blur: (value: number) => `${number(value, 1)} px`,
    inversion: (value: number) => `${number(100 * value)} %`,
    occlusion: (value: number) => `${number(100 * value)} %`,
    colours: (value: number) => number(value, 2),
  },
  turns: (at: string, verdict: string) => `From ${at} on: ${verdict.toLowerCase()}.`,
  staysAt: (verdict: string) => `${verdict} all along.`,
  sweep: (name: string) => `Sweep ${name.toLowerCase()}`,
  stopSweep: (name: string) => `Stop sweeping ${name.toLowerCase()}`,
  notAnImage: (name: string) => `“${name}” is not an image that this browser can read.`,
  tooLarge: (name: string, width: number, height: number, most: number) =>
    `“${name}” has ${width}×${height} pixels, which are too many: up to ${number(most / 1e6)} million are read.`,
  pasted: 'The pasted image',
  verdict: (name: string, share: number) => `${name} (${percent(share)})`,
  ifOne: (name: string, share: number) => `If it were one of these: ${name} (${percent(share)})`,
  posteriorIfOne: 'Posterior, if it were one of these',
  undecided: (nats: number, most: number) => `entropy ${number(nats, 2)} of at most ${number(most, 2)} nats`,
  bits: (value: number) => `${number(value, 2)} bits/dim`,
  more: (tables: number, nats: number) =>
    `${number(tables, 2)} in the tables’ convention · log-likelihood ${number(nats, 1)} nats`,
  /** What stands beside the numbers in the file that is saved. */
  table: {
    model: 'model',
    bits: 'bits per dimension',
    bitsTables: "bits per dimension, tables' convention",
    logLikelihood: 'log-likelihood, nats',
    logDet: 'log-det, nats',
    entropy: 'entropy, nats',
    novelty: 'novelty (relative Mahalanobis distance)',
    noveltyP: 'p-value of the novelty',
    verdict: 'verdict',
    nearest: 'nearest class',
    shareBelow: 'share of test images that are more likely',
    class: 'class',
    posterior: 'posterior',
    logit: 'logit',
  },
  moreLikely: 'more likely',
  lessLikely: 'less likely',
  noEvaluation: 'The model has not been evaluated on test images, so there is nothing to compare with.',

  /** How typical an image's likelihood is; the share is of the test images, those that are likelier. */
  typicality: (shareBelow: number) =>
    shareBelow >= 0.5
      ? `Less likely than ${shareOf(shareBelow)} of the test images.`
      : `More likely than ${shareOf(1 - shareBelow)} of the test images.`,
};

/** A share of things that were counted; one that nearly all have is at least so much. */
function shareOf(share: number): string {
  if (share > 0.99) return 'at least 99 %';
  if (share < 0.01) return 'at most 1 %';
  return `${number(100 * share)} %`;
}
