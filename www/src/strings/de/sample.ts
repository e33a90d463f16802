import { number } from '../format.ts';
import { drawn } from '../formulas.ts';
import { inline, n, o, sub, v } from '../math.ts';
import type { sample as English } from '../sample.ts';
import { term } from './glossary.ts';
import { paper } from './paper.ts';

/** Texts of the samples. */
export const sample: typeof English = {
  page: {
    title: 'Stichproben',
    dek: 'Ziehe so viele, wie du willst. Nimm eine, um sie anzusehen, zu ändern, zu behalten.',
    rows: 'Zeilen',
    class: 'Klasse',
    temperature: `Temperatur ${inline(v('T'))}`,
    count: 'Anzahl je Zeile',
    seed: 'Startwert',
    newSeed: 'Anderen Startwert ziehen',
    gridLabel: 'Stichproben. Die Pfeiltasten gehen von einer zur nächsten, Enter nimmt eine.',
    picked: 'Gewählte Stichprobe',
    open: 'Genauer ansehen',
    useAsA: 'Von hier interpolieren',
    useAsB: 'Bis hier interpolieren',
    savePng: 'PNG speichern',
    saveGrid: 'Alle speichern',
    noteCloud: 'Vom Punkt zum Bild',
    noteCloudText: `
      <p>${inline(sub(v('m'), v('y')))} ist, wo die Trainingsbilder der Klasse ${inline(v('y'))} im Durchschnitt liegen. Geh von dort
      in eine zufällige Richtung ${inline(v('n'))} und lass das Netz rückwärts laufen:</p>
      ${drawn}`,
    noteTemperature: 'Temperatur und Startwert',
    noteTemperatureText: `
      <p>Die ${term('temperature')} sagt, wie weit es von der Mitte weggeht, der Startwert, in welche Richtung. ${inline(v('T'))} zu
      verschieben, ändert also ein Bild, und ein neuer Startwert zeichnet ein anderes. Bei ${inline(v('T'), o('='), n('0'))} gibt es
      nur die Mitte jeder Klasse.</p>`,
    noteGamma: 'Dieselben Punkte für jedes γ',
    noteGammaText: `
      <p>Wähle γ für die Zeilen: Jede Zeile ist ein anderes Netz, jede Spalte dieselbe zufällige Richtung. Kleines γ zeichnet am
      besten. Wo nur die Klasse zählt, muss das Netz nicht wissen, wie Bilder aussehen, und weiß es nicht.</p>
      ${paper('Abb. 8 und 14')}`,
  },

  rows: { classes: 'Klassen', gammas: 'γ' },
  allClasses: 'Alle',
  tile: (row, name, index) =>
    row === '' ? `${name}, Stichprobe ${index + 1}` : `${name}, Stichprobe ${index + 1}, ${row}`,
  drawing: 'Zeichnet …',
  drawn: (count, seconds) => `${number(count)} Stichproben in ${number(seconds, seconds < 10 ? 2 : 1)} s`,
  temperature: (value) => number(value, 2),
};
