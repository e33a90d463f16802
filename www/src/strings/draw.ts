import { number, percent } from './format.ts';
import { f, formula, inline, n, o, sub, sup, v } from './math.ts';
import { paper } from './paper.ts';

const x = v('x');
const y = v('y');
const z = v('z');

/** Texts of drawing and classifying. */
export const draw = {
  page: {
    title: 'Draw & see',
    dek: 'Draw something, or show it anything else. It names a class, and says how likely it finds what it sees.',
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
    adapt: 'Light on black',
    adaptHint: 'Make the ground black and what lies on it white, as the model is used to',
    pasteHint: 'You can also paste an image, or drop one anywhere on the page.',
    place: 'Where it lies in latent space',
    placeLabel: 'Map of latent space: test images as dots in the colour of their class, and the image on the canvas.',
    placeNote: 'Dots are test images, discs the means of the classes. The ringed point is your image.',
    disturb: 'Disturb it',
    undisturbed: 'Reset',
    saveNumbers: 'Save CSV',
    useAsA: 'Use as A',
    useAsB: 'Use as B',
    posterior: 'Posterior',
    likelihood: 'How likely is this image?',
    likelihoodText: 'The hill: bits/dim of the test images. The needle: this image.',
    noteBayes: 'Bayes, not a last layer',
    noteBayesText: `
      <p>It learned how the images of each class are distributed; which class an image belongs to follows by
      <dfn>Bayes’ rule</dfn>. The nearer ${inline(z)} lies to the mean of a class, the more probable it is:</p>
      ${formula(
        v('q'),
        o('('),
        y,
        o('|'),
        x,
        o(')'),
        o('∝'),
        f('exp'),
        o('('),
        o('−'),
        n('½'),
        sup(`<mrow><mo>|</mo>${z}<mo>−</mo>${sub(v('μ'), y)}<mo>|</mo></mrow>`, n('2')),
        o(')'),
      )}`,
    noteLikelihood: 'An exact likelihood',
    noteLikelihoodText: `
      <p>The same clouds tell how likely the image is at all. It is exact, since the network can be undone:</p>
      ${formula(
        v('q'),
        o('('),
        x,
        o(')'),
        o('='),
        v('q'),
        o('('),
        z,
        o(')'),
        o('|'),
        f('det'),
        `<mfrac><mrow><mo>∂</mo>${z}</mrow><mrow><mo>∂</mo>${x}</mrow></mfrac>`,
        o('|'),
      )}
      <p>We count it in bits per dimension; fewer is likelier.</p>`,
    noteTypical: '“I have never seen such a thing”',
    noteTypicalText: `
      <p>Any classifier names a class for anything. This one can add that the image is not <dfn>typical</dfn>: less likely
      than the test images are, or much more likely, as an empty canvas is.</p>
      ${paper('Figs 5 and 12; Table 1')}`,
  },

  from: (name: string) => `A drawing of “${name}” by the model. Draw over it, or clear the canvas.`,
  own: 'Your image.',
  empty: 'An empty canvas.',
  lightGround: 'Your image has a light ground. The model is used to light on black: press “Light on black”.',
  noMap: 'The card of this model holds no map.',
  noCamera: 'There is no camera that this page could use.',
  cameraRefused: 'The camera may not be used: the browser, or you, have said no.',
  live: 'What the camera sees.',
  keepPicture: 'Keep it',
  corruptions: {
    rotation: 'Rotation',
    noise: 'Noise',
    blur: 'Blur',
    inversion: 'Inversion',
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
  sweep: (name: string) => `Sweep ${name.toLowerCase()}`,
  stopSweep: (name: string) => `Stop sweeping ${name.toLowerCase()}`,
  notAnImage: (name: string) => `“${name}” is not an image that this browser can read.`,
  tooLarge: (name: string, width: number, height: number, most: number) =>
    `“${name}” has ${width}×${height} pixels, which are too many: up to ${number(most / 1e6)} million are read.`,
  pasted: 'The pasted image',
  verdict: (name: string, share: number) => `${name} (${percent(share)})`,
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
    shareBelow: 'share of test images that are more likely',
    class: 'class',
    posterior: 'posterior',
    logit: 'logit',
  },
  moreLikely: 'more likely',
  lessLikely: 'less likely',
  noEvaluation: 'The model has not been evaluated on test images, so there is nothing to compare with.',

  /** Whether an image is likelier or less likely than nearly all test images. */
  isStrange: (shareBelow: number) => shareBelow >= 0.99 || shareBelow <= 0.01,

  /** In words, how typical an image is; shares are of the test images. */
  typicality: (shareBelow: number, shareMoreTypical: number) => {
    if (shareBelow >= 0.99) return 'Less likely than 99 % of the test images: the model has not seen such a thing.';
    if (shareBelow <= 0.01)
      return 'More likely than 99 % of the test images: plainer than anything the model has seen.';
    const side =
      shareBelow >= 0.5
        ? `Less likely than ${number(100 * shareBelow, 1)} % of the test images`
        : `More likely than ${number(100 * (1 - shareBelow), 1)} % of the test images`;
    return shareMoreTypical >= 0.9 ? `${side}: unusual.` : `${side}: nothing unusual.`;
  },
};
