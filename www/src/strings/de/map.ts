import { number, percent } from '../format.ts';
import type { map as English } from '../map.ts';
import { inline, sub, v } from '../math.ts';
import { term } from './glossary.ts';
import { paper } from './paper.ts';

/** Texts of the map of latent space. */
export const map: typeof English = {
  page: {
    title: 'Latenter Raum',
    dek: 'Jeder Punkt ist ein Bild. Bewege den Zeiger über die Karte und sieh, was dort liegt.',
    label:
      'Karte des latenten Raums. Zeiger oder Pfeiltasten decodieren das Bild an einem Punkt; Plus und Minus vergrößern und ' +
      'verkleinern, die Taste Pos1 zeigt alles.',
    zoomIn: 'Vergrößern',
    zoomOut: 'Verkleinern',
    zoomFit: 'Alles zeigen',
    image: 'Das Bild am markierten Punkt',
    through: 'Ebene durch',
    tint: 'Gefärbt nach',
    own: 'Zu deinem Bild',
    open: 'Genauer ansehen',
    useAsA: 'Von hier interpolieren',
    useAsB: 'Bis hier interpolieren',
    hint: 'Klicken oder tippen markiert einen Punkt. Ziehen verschiebt die Karte, sobald sie vergrößert ist; zwei Finger vergrößern sie.',
    notePlane: 'Zwei von vielen Richtungen',
    notePlaneText: `
      <p>Der ${term('latent', 'latente')} Raum hat so viele Dimensionen, wie ein Bild Pixel hat. Die Karte zeigt die Ebene, in der sich
      die Mittelwerte der Klassen am stärksten unterscheiden. Punkte sind Testbilder, darauf projiziert; Scheiben sind die
      Mittelwerte ${inline(sub(v('μ'), v('y')))}, mit denen die Klassen trainiert wurden, und Ringe die Durchschnitte
      ${inline(sub(v('m'), v('y')))} ihrer Trainingsbilder, um die herum Stichproben gezogen werden. Beide liegen auseinander,
      meist in Richtungen, welche die Karte nicht zeigt.</p>
      ${paper('Abb. 7')}`,
    noteRegions: 'Wo Klasse und Urteil wechseln',
    noteRegionsText: `
      <p>Eine Klasse gewinnt, wo ihr Mittelwert am nächsten ist, deshalb haben Gebiete gerade Grenzen; die Färbung sagt, wie
      sicher der ${term('posterior')} ist. Nach Neuheit gefärbt, sagt sie, wo ein Bild gewöhnlich, ungewöhnlich oder nichts davon
      wäre. Das gilt für die Ebene, die du gewählt hast. Ein Punkt kann im Gebiet einer anderen Klasse liegen, denn die
      Richtungen, welche die Karte nicht zeigt, zählen auch.</p>`,
    noteGamma: 'Wolken wandern mit γ',
    noteGammaText: `
      <p>Kleines ${inline(v('γ'))} lässt die Wolken, wo die Bilder sie hinlegen, und sie überlappen. Je mehr die Klassen zählen,
      desto weiter schieben sich ihre Mittelwerte auseinander. Dreh am Regler und sieh zu.</p>
      ${paper('Abb. 4 und 7')}`,
  },

  tints: { classes: 'Klasse', novelty: 'Neuheit', none: 'nichts' },
  throughMeans: 'die Mittelwerte',
  throughImage: 'dein Bild',
  throughNote:
    'Eine Ebene neben der der Mittelwerte: Scheiben und Punkte sind darauf projiziert, eine Scheibe kann also im Gebiet einer anderen Klasse liegen.',
  none: 'Die Modellkarte enthält keine Karte des latenten Raums.',
  pointClass: (name, share) => `${name} (${percent(share)})`,
  place: (x, y) => `bei (${number(x, 1)}; ${number(y, 1)})`,
  nearest: (name) => `Unter dem Zeiger: ein Testbild von „${name}“.`,
  images: (count) => `${number(count)} Testbilder.`,
};
