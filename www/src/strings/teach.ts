import type { CourseReadout, Novelty } from 'ibinn';
import { number, percent, percentOf, plain } from './format.ts';
import { inline, sub, v } from './math.ts';
import { verdict } from './verdict.ts';

const gammaSign = inline(v('γ'));
const LX = inline(sub(v('L'), v('X')));
const LY = inline(sub(v('L'), v('Y')));

/** Texts of the view that trains a flow on the visitor's pictures. */
export const teach = {
  page: {
    title: 'Teach it your own',
    dek:
      'Show it a few pictures of each of your classes. It learns to tell them apart, to draw them, and to say when ' +
      'something is none of them. All of it happens in this browser.',
    easel: 'Easel',
    canvasLabel:
      'Easel: draw a picture here with mouse, finger or pen. With the keyboard: the arrow keys move the pen, Space makes a ' +
      'dot, Shift with an arrow key draws.',
    canvasEmpty: 'Draw here',
    clear: 'Clear',
    camera: 'Camera',
    easelHint:
      'What you draw or hold up here is looked at, and becomes a picture of the class that is chosen once you add it.',
    kind: 'Pictures',
    grey: 'Grey, 28 × 28',
    colour: 'Colour, 32 × 32',
    classes: 'Classes',
    addClass: 'Add a class',
    pictureFiles: 'Picture files for the chosen class',
    openSet: 'Open pictures',
    saveSet: 'Save pictures',
    startOver: 'Start over',
    chosen: 'Chosen pictures',
    remove: 'Delete',
    moveTo: 'Move to',
    dropHint:
      'A folder of folders, or a .zip of it, has one class in each folder. What you save, the trainer reads, too.',
    training: 'Training',
    begin: 'Begin with',
    gamma: `Trade-off ${gammaSign}`,
    vary: 'Move, turn and light pictures a little each time',
    varied: 'Pictures as they are varied',
    train: 'Train',
    saveModel: 'Save model',
    play: 'Use it in every view',
    charts: 'What has been read of the training',
    samples: 'What it draws',
    samplesHint: 'Pictures that nobody drew: each column begins with the same noise.',
    latents: 'Where it puts them',
    latentsHint:
      'Each picture at its latent, in the plane in which the classes differ most. What is on the easel lies among them, in ' +
      'a larger frame: what is none of them may lie there, too, as the plane shows two of many directions. Two classes differ ' +
      'in one direction alone, from left to right, and how high a picture lies means nothing.',
    latentsLabel: 'Map of the taught pictures in latent space',
    lessonStart: 'A first lesson',
    lesson: 'A first lesson',
    forTeachers: '<a href="./teachers.html">For teachers: what it shows</a>',
    noteFew: 'Why so few pictures do',
    noteFewText: `
      <p>A model that knows other pictures has learnt what strokes and edges are. It encodes yours, and the means and the
      scatter of their latents make a classifier at once, by a formula. Training then bends the flow until your pictures
      are likely.</p>`,
    noteNone: 'None of these',
    noteNoneText: `
      <p>A usual classifier names one of its classes for whatever it is shown. This one also measures how far a picture lies
      from all of them, and counts how many of your own pictures, a little varied, lie as far. The more you show it, the
      better it knows what is ordinary.</p>`,
    noteYours: 'It knows what you showed it',
    noteYoursText: `
      <p>If every picture of a class was taken at the same window, the window belongs to the class. If two classes look alike,
      it will say so by being undecided. Show it what it gets wrong, and it learns that. A class is what its pictures are,
      not what its name says.</p>`,
  },

  lesson: [
    'Name two classes: things that you can draw, or hold up to the camera.',
    'Give the first one ten pictures, each a little different.',
    'Give the second one ten.',
    'Draw one more of either, and do not add it: it says which one it sees.',
    'Now draw something else. It should say that this is unusual, or none of these.',
    'Press “Train”, and watch the pictures that it draws, for forty steps.',
  ],
  lessonStatus: (now: number, all: number) =>
    now < 0 ? 'That was the lesson. Which pictures did it get wrong, and why?' : `Step ${now + 1} of ${all}`,

  className: (index: number) => String.fromCharCode(65 + index),
  into: (name: string) => `Add to “${name}”`,
  hold: (name: string) => `Hold to add to “${name}”`,
  nameOf: (index: number) => `Name of class ${index + 1}`,
  choose: (name: string) => `Add to “${name}” what is on the easel`,
  files: 'Files',
  filesOf: (name: string) => `Choose picture files for “${name}”`,
  drawn: 'Draw ten',
  drawnOf: (name: string, model: string) => `Add ten pictures to “${name}” that ${model} draws`,
  removeClass: (name: string) => `Remove the class “${name}” with its pictures`,
  tile: (index: number, name: string) => `Picture ${index + 1} of “${name}”`,
  count: (count: number) => (count === 1 ? '1 picture' : `${number(count)} pictures`),
  chosen: (count: number) => (count === 1 ? '1 picture chosen' : `${number(count)} pictures chosen`),
  more: (hidden: number) => `and ${number(hidden)} more`,

  fromModel: (title: string) => title,
  fromNothing: 'Nothing',
  gamma: (value: number) => (value === Infinity ? '∞' : plain(value)),

  needsClasses: 'Two classes are needed to tell apart. Add another one.',
  needsName: 'Each class needs a name of its own.',
  needsPictures: (name: string, have: number) =>
    have === 0 ? `Add some pictures to “${name}”.` : `“${name}” has one picture. Two is the least, ten are a start.`,
  few: (name: string) => `A few more pictures of “${name}” would help: ten are a start.`,
  uneven: (name: string) => `“${name}” has far fewer pictures than the others.`,
  alike: (a: string, b: string, share: number) =>
    `“${a}” and “${b}” look alike to it: of pictures of theirs that it was not fitted to, ${percentOf(100 * share)} are ` +
    'taken for the other.',
  ready: 'Ready to train.',
  atOnce: 'This is known at once, by a formula. Training makes more of it.',
  atOnceBusy: 'Looking at your pictures …',
  starting: 'Starting …',
  pause: 'Pause',
  goOn: 'Go on',
  state: ({ steps, images }: CourseReadout, rate: number) =>
    `Step ${number(steps)}, ${number(rate)} pictures a second, ${number(images)} a step`,
  rested: (steps: number) => `Paused after ${number(steps)} steps.`,
  stopped: 'Training has stopped. It goes on from where it was last saved.',

  rightChart: 'Right, held out',
  lXChart: `${LX}, nats/dim`,
  lYChart: `${LY}, nats`,
  share: (value: number) => percentOf(100 * value),
  nats: (value: number) => number(value, 2),

  nothingYet: 'It says what it sees once it knows two classes.',
  sees: (name: string, share: number) => `${name}, ${percent(share)}`,
  ifOne: (name: string) => `If it were one: ${name}`,
  verdicts: verdict.names satisfies Record<Novelty['verdict'], string>,
  p: (p: number) => `${number(100 * p, p < 0.1 ? 1 : 0)} % of such pictures are as strange, or stranger.`,

  notClasses: 'No folder there holds pictures: a class is a folder of them.',
  notAnArchive: (name: string) => `“${name}” is no archive that can be read here.`,
  tooMany: (most: number) => `There can be ${most} classes.`,
  full: (most: number) => `A class can hold ${number(most)} pictures.`,
  sample: (name: string) => `A picture of “${name}” that it draws`,
  samplesOf: (name: string) => name,
  modelName: 'my-model.safetensors',
  setName: 'my-pictures.zip',
  sure: 'All pictures and what was learnt will be gone. Press again to start over.',
};
