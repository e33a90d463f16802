/** Texts of the tour: five steps in plain words. */
export const tour = {
  page: {
    start: 'Take the tour',
    label: 'Tour',
    back: 'Back',
    close: 'End the tour',
  },
  next: 'Next',
  done: 'Done',
  step: (number: number, all: number) => `${number} of ${all}`,
  steps: [
    'Nobody drew these pictures. The network did: it learnt what each kind of thing looks like, and can run backwards, from a name to a picture. Press “Draw others” and it draws new ones.',
    'The dial below turns one number, γ. On the left the network was trained to describe pictures, on the right only to tell them apart. Turn it to the right end: it errs least there, and draws noise.',
    'Now it looks at a picture. This is the letter A, which it has never been shown. It has to name something, so it does. Beside the name stands its verdict on whether it knows such things at all: ordinary, unusual, or none of these. Draw over it, and watch when that changes.',
    'The same picture, seen by every network of the dial. They may disagree about the name, and about whether it is anything they know.',
    'Inside, every picture is a point. Here is a slice through that space: move over it, and see the picture at each point. Where two clouds meet, things turn into each other.',
  ],
};
