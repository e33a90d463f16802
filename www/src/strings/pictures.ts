import { number, percent } from './format.ts';
import { verdict } from './verdict.ts';

/** Texts of many pictures at once. */
export const pictures = {
  page: {
    title: 'Many pictures',
    dek: 'Give it your own pictures, a folder of them: what is none of these comes first.',
    choose: 'Choose pictures',
    folder: 'Choose a folder',
    dropHint:
      'Or drop several pictures, a folder, or the official test files of MNIST or Fashion-MNIST (images and labels), anywhere ' +
      'on the page. They stay on this machine.',
    frame: 'Framed as its training images',
    progress: 'Pictures that have been looked at',
    cancel: 'Cancel',
    clear: 'Clear',
    saveTable: 'Save CSV',
    table: 'The pictures, the strangest first',
  },
  columns: {
    picture: 'Picture',
    file: 'File',
    label: 'Label',
    class: 'Class',
    probability: 'Probability',
    bits: 'Bits/dim',
    p: 'p',
    verdict: 'Verdict',
  },
  verdict: verdict.names,
  probability: (share: number) => percent(share),
  bits: (value: number) => number(value, 2),
  p: (p: number) => `${number(100 * p, 1)} %`,
  none: '–',
  look: (name: string) => `Look closer at ${name}`,
  noFiles: 'There are no files in that folder.',
  going: (done: number, all: number, left: string) =>
    `${number(done)} of ${number(all)}${left === '' ? '' : `, ${left}`}`,
  left: (seconds: number) =>
    seconds < 1 ? '' : seconds < 90 ? `about ${number(seconds)} s left` : `about ${number(seconds / 60)} min left`,
  done: (read: number, none: number, unread: number) =>
    [
      `${number(read)} ${read === 1 ? 'picture' : 'pictures'}`,
      `${number(none)} of them none of these`,
      ...(unread > 0 ? [`${number(unread)} ${unread === 1 ? 'file' : 'files'} could not be read`] : []),
    ].join(', ') + '.',
  mistaken: (count: number, all: number) =>
    `${number(count)} of ${number(all)} (${number((100 * count) / all, 2)} %) are taken for another class; they come first.`,
  testImage: (index: number) => `Test image ${index}`,
  broken: (name: string) => `“${name}” is no file of a test set that can be read here.`,
  onlyLabels: 'The file of the labels alone is no picture: drop it together with that of the images.',
  uneven: (images: number, labels: number) =>
    `The files do not belong together: one holds ${number(images)} images, the other ${number(labels)} labels.`,
  otherShape: (name: string, height: number, width: number) =>
    `“${name}” holds grey images of ${height} × ${width}, and the model that runs takes others.`,
  cancelled: (read: number, all: number) => `Cancelled: ${number(read)} of ${number(all)} were looked at.`,
  most: (shown: number) => `The first ${number(shown)} are shown; the file that you save has all.`,
  /** How probable the classes were taken for before a picture was seen, where it is not equally. */
  classPrior: (prior: string, hint: string) => `Class prior: ${prior}. ${hint}`,
  /** Columns of the file that is saved: those of `trainer classify`. */
  saved: ['file', 'prediction', 'probability', 'bits_per_dim', 'typicality', 'novelty', 'novelty_p', 'verdict'],
  posterior: (name: string) => `posterior:${name}`,
  error: 'error',
};
