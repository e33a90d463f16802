import { paperLink } from './paper.ts';

/** Texts of what surrounds the views. */
export const frame = {
  page: {
    language: 'en',
    home: './',
    otherLanguage: 'de',
    otherPage: './de.html',
    otherName: 'Deutsch',
    title: 'ibinn: a classifier that runs backwards',
    description:
      'Play with a generative classifier in your browser: turn the trade-off γ and see its pictures and its accuracy ' +
      'change, draw something and see how likely it is, walk through its latent space. Nothing leaves your machine.',
    skip: 'Skip to the pictures',
    contents: 'Views',
    pictures: 'Pictures',
    occlusion: 'Evidence',
    block: 'Inside',
    teach: 'Teach',
    plane: 'Plane',
    share: 'Share',
    headline: 'A classifier that runs backwards',
    lead:
      'Forwards, this network tells what an image shows and how likely it is. Backwards, it draws. ' +
      'It runs in your browser, and no image leaves it.',
    noScript: 'This page runs a neural network in your browser, which needs JavaScript.',
    footer: `<p>The method is that of ${paperLink} (Ardizzone, Mackowiak, Rother and Köthe, NeurIPS 2020). The address of
      this page holds all that you set, and the picture that you drew or opened: whoever gets the link sees it.</p>`,
    problemLabel: 'Problem',
    dismiss: 'Dismiss',
  },
  notKept: (title: string, online: boolean) =>
    `${title} has not been kept on this device, and ${online ? 'this site does not answer' : 'there is no network'}.`,
  notThere: (title: string, status: number) => `${title} is not where it should be: the site answered ${status}.`,
  standsIn: (problem: string, title: string) => `${problem} ${title} is shown instead.`,
  noCanvas: 'This browser has no 2-D canvas.',
  copied: 'Copied',
  copiedPicture: 'Copied, with your picture',
  notCopied: 'The link could not be copied. It is the address of this page.',
};
