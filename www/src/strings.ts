/** Every text of the page, in one place. `page` holds what index.html shows from the start; the rest is said later. */

const PAPER = 'https://arxiv.org/abs/2001.06448';

/** The texts that stand in index.html. They may hold HTML. */
export const page = {
  title: 'ibinn: a classifier that runs backwards',
  description:
    'Play with a normalizing flow trained with the information bottleneck: draw samples, classify your own images and ' +
    'see how likely they are, interpolate in latent space. It runs in your browser, on your GPU.',
  wordmark: 'ibinn',
  skip: 'Skip to the samples',
  headline: 'A classifier that runs backwards',
  lead:
    'Forwards, this network tells what an image shows and how likely it is. Backwards, it draws one. ' +
    'It runs in your browser: no image leaves this page.',
  schema: 'Forwards, the picked image becomes a point in one of several clouds; backwards, the point becomes the image.',
  schemaForwards: 'forwards',
  schemaBackwards: 'backwards',
  noScript: 'This page runs a neural network in your browser, which needs JavaScript.',

  model: 'Model',
  executor: 'Executor',
  cardTitle: 'Model card',
  gammaTitle: 'What is γ?',
  gammaText: `
    <p>It balances two wishes in training: describe the images (low <i>L</i><sub>X</sub>), and tell the classes apart
    (high <i>L</i><sub>Y</sub>).</p>
    <p class="formula">minimise &ensp;<i>L</i><sub>X</sub> − γ <i>L</i><sub>Y</sub></p>
    <p>0 only describes; ∞ only tells apart, as ordinary classifiers do.</p>`,

  sample: 'Sample',
  sampleDek: 'Backwards: from a point in latent space to an image.',
  classLegend: 'Class',
  temperature: 'Temperature <i>T</i>',
  count: 'Count per class',
  seed: 'Seed',
  newSeed: 'Draw another seed',
  gridLabel: 'Samples. Use the arrow keys to go from one to the next, Enter to pick one.',
  picked: 'Picked sample',
  classifyIt: 'Classify',
  useAsA: 'Use as A',
  useAsB: 'Use as B',
  savePng: 'Save PNG',
  saveGrid: 'Save the grid',
  sampleText: `
    <p>Every layer of a <dfn>normalizing flow</dfn> can be undone. Forwards, the flow <i>g</i> takes an image <i>x</i>
    to a point <i>z</i> of a latent space that has one dimension for each pixel. Backwards, it takes any point to the
    one image that it stands for. Nothing is lost on the way.</p>
    <p>In latent space each class is a round cloud. To draw an image, take a random point of the cloud and run the
    network backwards:</p>
    <p class="formula"><i>x</i> = <i>g</i><sup>−1</sup>(<i>m</i><sub>y</sub> + <i>T</i> · <i>n</i>)<br />
    <i>n</i> ~ 𝒩(0, 1)</p>
    <p><i>m</i><sub>y</sub> is where the training images of class <i>y</i> lie on average. The temperature <i>T</i> says
    how far to stray from there, the seed in which direction <i>n</i>. So moving <i>T</i> changes a picture; a new seed
    draws another.</p>`,

  classify: 'Classify',
  classifyDek: 'Forwards: from an image to its class, and to how likely it is.',
  boardLabel:
    'Drawing board. Draw with mouse, finger or pen. With the keyboard: the arrow keys move the brush, ' +
    'holding Shift while they move it draws, Space puts one dot.',
  boardEmpty: 'Draw here, or drop an image',
  boardDrop: 'Drop the image',
  preview: 'What the model sees',
  toolLegend: 'Tool',
  brush: 'Brush',
  eraser: 'Eraser',
  brushSize: 'Width',
  tone: 'Tone',
  colour: 'Colour',
  clear: 'Clear',
  invert: 'Invert',
  upload: 'Upload an image',
  takeSample: 'Take a sample',
  pasteHint: 'You can also paste an image, or drop one on the board.',
  posterior: 'Posterior <i>q</i>(<i>y</i> | <i>x</i>)',
  likelihood: 'How likely is this image?',
  gaugeText: 'The hill: bits/dim of the test images. The needle: this image.',
  classifyText: `
    <p>This network never learned to answer “which class?” head-on. It learned how the images of each class are
    distributed; the answer follows by <dfn>Bayes’ rule</dfn>. In latent space that is simple, because each class is a
    Gaussian cloud around its mean μ<sub>y</sub>: the nearer the mean, the more probable the class.</p>
    <p class="formula"><i>q</i>(<i>y</i> | <i>x</i>) ∝ exp(−½ |<i>z</i> − μ<sub>y</sub>|²)</p>
    <p>The same clouds tell how likely the image is at all, exactly, since the flow’s Jacobian is known:</p>
    <p class="formula"><i>q</i>(<i>x</i>) = <i>q</i>(<i>z</i>) · |det ∂<i>z</i>/∂<i>x</i>|</p>
    <p>We count it in bits per dimension; fewer is likelier. Any classifier will name a class for anything. This one can
    add that it has never seen such a thing: an image is <dfn>typical</dfn> when it is about as likely as the test
    images. Less likely is strange, and so is much more likely; try an empty board.</p>`,

  interpolate: 'Interpolate',
  interpolateDek: 'Between two images, on the straight line in latent space.',
  endA: 'A',
  endB: 'B',
  position: 'Position between A and B',
  play: 'Play',
  steps: 'Steps',
  saveStrip: 'Save the strip',
  stripLabel: 'Images on the line from A to B',
  alongTheWay: 'Posterior along the way',
  interpolateText: `
    <p>Blending two pictures pixel by pixel shows two ghosts. Here the blend happens in latent space, and each point of
    the line is an image of its own:</p>
    <p class="formula"><i>x</i>(<i>t</i>) = <i>g</i><sup>−1</sup>((1 − <i>t</i>) <i>z</i><sub>A</sub> +
    <i>t</i> <i>z</i><sub>B</sub>)</p>
    <p>The bands show what the network makes of them. Between two classes lies a plane, halfway between their means;
    where the line crosses it, the posterior tips over.</p>
    <p>With your own drawing as an end, the line starts at exactly that drawing: <i>g</i><sup>−1</sup>(<i>g</i>(<i>x</i>))
    = <i>x</i>.</p>`,

  footer: `
    The method is that of <a href="${PAPER}" rel="noreferrer">Training Normalizing Flows with the Information Bottleneck
    for Competitive Generative Classification</a> (Ardizzone, Mackowiak, Rother, Köthe; 2020). The address of this page
    holds all that you set: copy it to share what you see.`,
  problemLabel: 'Problem',
  dismiss: 'Dismiss',
} as const;

const number = (digits: number) =>
  new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const WHOLE = number(0);
const ONE = number(1);
const TWO = number(2);
const THREE = number(3);

/** A probability as a percentage that never claims certainty. */
export function percent(share: number): string {
  if (share > 0 && share < 0.0005) return '< 0.1 %';
  if (share < 1 && share > 0.9995) return '> 99.9 %';
  return `${ONE.format(100 * share)} %`;
}

/** What a part of the program says, as a sentence of its own. */
export function sentence(words: string): string {
  const end = /[.!?…]$/.test(words) || words === '' ? '' : '.';
  return words.charAt(0).toUpperCase() + words.slice(1) + end;
}

/** Texts about the model and what runs it. */
export const model = {
  loading: (title: string) => `Loading ${title} …`,
  loaded: (bytes: number, total: number | undefined) =>
    total === undefined ? `${megabytes(bytes)} MB` : `${megabytes(bytes)} of ${megabytes(total)} MB`,
  starting: 'Starting the model …',
  onCpu: 'Running on the CPU.',
  onGpu: (name: string, backend: string) =>
    backend === '' ? `Running on the GPU: ${name}.` : `Running on the GPU: ${name} (${backend}).`,
  noWebGpu: 'This browser offers no WebGPU, so the model runs on the CPU: all works, only slower.',
  software: 'This adapter is software, which is slower than a real GPU.',
  executors: { auto: 'auto', gpu: 'GPU', cpu: 'CPU' },
  noList: (problem: string) => `The list of models cannot be read (${problem}).`,
  emptyList: 'models/index.json is not a list of models.',
  unknown: (name: string) => `There is no model named “${name}” here, so the first one is shown.`,
};

/** The facts of the model card. */
export const card = {
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
  epochs: (count: number) => `images, ${WHOLE.format(count)} ${count === 1 ? 'epoch' : 'epochs'}`,
  by: (executor: string) => `images, by the ${executor.toUpperCase()}`,
  count: (value: number) => WHOLE.format(value),
  share: (value: number) => `${TWO.format(value)} %`,
  bits: (value: number) => TWO.format(value),
  notJudged: 'not judged',
};

/** Texts of the samples. */
export const sample = {
  allClasses: 'All',
  tile: (name: string, index: number) => `${name}, sample ${index + 1}`,
  drawing: 'Drawing …',
  drawn: (count: number, seconds: number) => `${WHOLE.format(count)} samples in ${seconds < 10 ? TWO.format(seconds) : ONE.format(seconds)} s`,
  temperature: (value: number) => TWO.format(value),
};

/** Texts of the classification. */
export const classify = {
  from: (name: string) => `A sample of “${name}”. Draw over it, or clear the board.`,
  own: 'Your image.',
  empty: 'An empty board.',
  lightGround: 'Your image has a light ground. If the model learned light on dark, press Invert.',
  notAnImage: (name: string) => `“${name}” is not an image that this browser can read.`,
  tooLarge: (name: string, width: number, height: number, most: number) =>
    `“${name}” is ${width}×${height} pixels; at most ${most} a side are read.`,
  pasted: 'The pasted image',
  verdict: (name: string, share: number) => `${name} (${percent(share)})`,
  undecided: (nats: number, most: number) => `entropy ${TWO.format(nats)} of at most ${TWO.format(most)} nats`,
  bits: (value: number) => `${TWO.format(value)} bits/dim`,
  more: (tables: number, nats: number) =>
    `${TWO.format(tables)} in the tables’ convention · log-likelihood ${ONE.format(nats)} nats`,
  moreLikely: 'more likely',
  lessLikely: 'less likely',
  noEvaluation: 'The model has not been judged on test images, so there is nothing to compare with.',
};

/** In words, how typical an image is; shares are of the test images. */
export function typicalityWords(shareBelow: number, shareMoreTypical: number): string {
  if (shareBelow >= 0.99) return 'Less likely than 99 % of the test images: the model has not seen such a thing.';
  if (shareBelow <= 0.01) return 'More likely than 99 % of the test images: plainer than anything the model has seen.';
  const side =
    shareBelow >= 0.5
      ? `Less likely than ${ONE.format(100 * shareBelow)} % of the test images`
      : `More likely than ${ONE.format(100 * (1 - shareBelow))} % of the test images`;
  return shareMoreTypical >= 0.9 ? `${side}: unusual.` : `${side}: nothing unusual.`;
}

/** Texts of the interpolation. */
export const interpolate = {
  play: 'Play',
  pause: 'Pause',
  sampleOf: (name: string) => `a sample of ${name}`,
  ownImage: 'your image',
  isEnd: (end: string) => `Now end ${end} of the interpolation.`,
  chooseEnd: (end: string) => `End ${end}`,
  another: (end: string) => `Draw another sample for end ${end}`,
  image: (share: number) => `Image at ${THREE.format(share)} of the way`,
  position: (share: number) => TWO.format(share),
};

function megabytes(bytes: number): string {
  return TWO.format(bytes / 1e6);
}
