import type { interpolate as English } from '../interpolate.ts';
import { number, percent } from '../format.ts';
import { line } from '../formulas.ts';
import { inline, n, o, row, sub, sup, v } from '../math.ts';
import { term } from './glossary.ts';
import { paper } from './paper.ts';

/** Texts of the interpolation. */
export const interpolate: typeof English = {
  page: {
    title: 'Interpolieren',
    dek: 'Geh durch den latenten Raum von einem Bild zum anderen.',
    endA: 'A',
    endB: 'B',
    position: 'Stelle zwischen A und B',
    play: 'Abspielen',
    steps: 'Schritte',
    saveStrip: 'PNG speichern',
    saveLoop: 'GIF speichern',
    walk: 'Weg',
    everyGamma: 'Jedes γ zeigen',
    stripLabel: 'Bilder auf der Strecke von A nach B',
    along: 'Posterior entlang des Weges',
    compare: 'A und B im Vergleich',
    between: 'Das Bild zwischen A und B',
    noteLine: 'Eine gerade Linie',
    noteLineText: `
      <p>Wer zwei Bilder Pixel für Pixel überblendet, sieht zwei Geister. Hier geschieht das im latenten Raum, und jeder Punkt der
      Strecke ist ein eigenes Bild:</p>
      ${line}
      ${paper('Abb. 9')}`,
    noteBands: 'Wo es seine Meinung ändert',
    noteBandsText: `
      <p>Die Bänder sind der ${term('posterior')} an jedem Schritt. Zwischen zwei Klassen liegt eine Ebene, auf halbem Weg zwischen
      ihren Mittelwerten; wo die Strecke sie kreuzt, kippt der Posterior.</p>`,
    noteMorph: 'Stil: was nicht Klasse ist',
    noteMorphText: `
      <p>Nimm ${inline(sub(v('z'), v('A')), o('−'), sub(v('m'), v('y')))}, worin sich A von der Mitte seiner Klasse unterscheidet,
      und trage es zur Mitte jeder anderen Klasse: dieselbe Neigung, Breite oder Tönung, als etwas anderes.</p>`,
    noteExact: 'Sie beginnt genau bei deiner Zeichnung',
    noteExactText: `
      <p>Nimm deine eigene Zeichnung als Ende: Die Strecke beginnt bei genau dieser Zeichnung, Pixel für Pixel, denn
      ${inline(sup(v('g'), row(o('−'), n('1'))), o('('), v('g'), o('('), v('x'), o(')'), o(')'), o('='), v('x'))}.</p>`,
  },

  compared: { class: 'Klasse', bits: 'Bits/Dim', verdict: 'Urteil' },
  sees: (name, share) => `${name}, ${percent(share)}`,
  bits: (value) => number(value, 2),
  notSaid: '–',
  apart: (distance, dims) =>
    `Ihre latenten Punkte liegen ${number(distance, 1)} auseinander. Zwei zufällige Punkte einer runden Wolke lägen in ebenso ` +
    `vielen Dimensionen etwa ${number(Math.sqrt(2 * dims), 1)} auseinander.`,
  walks: { line: 'Von A nach B', classes: 'A durch alle Klassen' },
  turnTo: (label) => `Zu ${label} drehen`,
  rowOf: (label) => `Derselbe Weg bei ${label}`,
  pause: 'Pause',
  ownImage: 'dein Bild',
  isEnd: (end) => `Ist jetzt Ende ${end} der Interpolation.`,
  chooseEnd: (end) => `Ende ${end}`,
  another: (end) => `Eine andere Stichprobe für Ende ${end} ziehen`,
  image: (share) => `Bild bei ${number(share, 3)} des Weges`,
};
