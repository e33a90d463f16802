/** What words of the field mean, in a sentence: those of docs/glossary.md. */
const GLOSSARY = {
  'normalizing flow':
    'An invertible network: it takes images to latents and back, and says how it stretches space on the way.',
  latent: 'What the network makes of an image: as many numbers as it has pixels, from which the image can be had back.',
  posterior: 'The probabilities of the classes once the image has been seen.',
  'log-posterior': 'The logarithm of the probability that is given to a class once the image has been seen.',
  likelihood: 'How probable the network holds an image to be, as a density; higher is more likely.',
  'log-likelihoods':
    'Logarithms of how probable the network holds an image to be, as a density; higher is more likely.',
  nats: 'The unit of a natural logarithm: 0.69 nats are one bit.',
  novel:
    'Far from every class, measured beside how far it is from all training images together: the relative Mahalanobis distance.',
  typical: 'Of a usual likelihood: neither much higher nor much lower than that of the test images.',
  'p-value': 'The share of ordinary images that are at least as novel.',
  temperature: 'The factor of the noise that is added to the middle of a class when an image is drawn.',
} as const;

/** A word of the glossary. */
export type Term = keyof typeof GLOSSARY;

let terms = 0;

/** A word of the text whose meaning is shown while it is pointed at, or has the focus. */
export function term(word: Term, written: string = word): string {
  return withMeaning(written, GLOSSARY[word]);
}

/** Words of the text with their meaning. */
export function withMeaning(written: string, meaning: string): string {
  const id = `term-${++terms}`;
  return (
    `<button type="button" class="term" aria-describedby="${id}">${written}</button>` +
    `<span class="meaning" role="tooltip" id="${id}">${meaning}</span>`
  );
}
