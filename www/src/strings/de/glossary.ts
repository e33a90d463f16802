import { type Term, withMeaning } from '../glossary.ts';

/** The words in German, and what they mean, in a sentence. */
const GLOSSARY: Record<Term, readonly [word: string, meaning: string]> = {
  'normalizing flow': [
    'Normalizing Flow',
    'Ein umkehrbares Netz: Es bildet Bilder auf latente Punkte ab und zurück und sagt, wie es den Raum dabei dehnt.',
  ],
  latent: [
    'latenter Punkt',
    'Was das Netz aus einem Bild macht: so viele Zahlen, wie das Bild Pixel hat, aus denen es sich zurückgewinnen lässt.',
  ],
  posterior: ['Posterior', 'Die Wahrscheinlichkeiten der Klassen, nachdem das Bild gesehen wurde.'],
  'log-posterior': [
    'Log-Posterior',
    'Der Logarithmus der Wahrscheinlichkeit einer Klasse, nachdem das Bild gesehen wurde.',
  ],
  likelihood: [
    'Likelihood',
    'Für wie wahrscheinlich das Netz ein Bild hält, als Dichte; höher heißt wahrscheinlicher.',
  ],
  'log-likelihoods': [
    'Log-Likelihoods',
    'Logarithmen davon, für wie wahrscheinlich das Netz ein Bild hält, als Dichte; höher heißt wahrscheinlicher.',
  ],
  nats: ['Nat', 'Die Einheit des natürlichen Logarithmus: 0,69 Nat sind ein Bit.'],
  novel: [
    'neu',
    'Weit weg von jeder Klasse, gemessen daran, wie weit es von allen Trainingsbildern zusammen weg ist: die relative Mahalanobis-Distanz.',
  ],
  typical: ['typisch', 'Von einer üblichen Likelihood: weder viel höher noch viel niedriger als die der Testbilder.'],
  'p-value': ['p-Wert', 'Der Anteil gewöhnlicher Bilder, die mindestens so neu sind.'],
  temperature: [
    'Temperatur',
    'Der Faktor des Rauschens, das zur Mitte einer Klasse hinzukommt, wenn ein Bild gezeichnet wird.',
  ],
};

/** A word of the text whose meaning is shown while it is pointed at, or has the focus. */
export function term(word: Term, written: string = GLOSSARY[word][0]): string {
  return withMeaning(written, GLOSSARY[word][1]);
}
