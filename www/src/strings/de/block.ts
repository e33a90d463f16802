import type { block as English } from '../block.ts';
import { number } from '../format.ts';
import { coupled } from '../formulas.ts';
import { f, inline, o, sub, v } from '../math.ts';
import { term } from './glossary.ts';

const signed = (value: number) => number(value, 3);
/** A small size as a power of ten. */
const size = (value: number) =>
  value === 0 ? '0' : value.toExponential(0).replace('e-', ' · 10⁻').replace(/\d+$/, raised);
const raised = (digits: string) => digits.replace(/\d/g, (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]!);

/** Texts of one coupling block. */
export const block: typeof English = {
  page: {
    title: 'Ein Block in beide Richtungen',
    dek: 'Warum kann es rückwärts laufen? Es ist eine Kette von Kopplungsblöcken. Hier arbeitet einer davon an deinem Bild.',
    which: 'Kopplungsblock',
    x1: 'x₁ geht unverändert durch',
    x2: 'x₂ kommt herein',
    logScale: 'ℓ, nur aus x₁',
    shift: 't, nur aus x₁',
    u2: 'u₂ = x₂·e^ℓ + t',
    y: 'y, alle Kanäle gemischt',
    point: 'Zeige auf ein Pixel oder bewege es mit den Pfeiltasten, um seine Zahlen zu sehen.',
    legend: 'Blau ist negativ, Schwarz null, Orange positiv, jede Karte hat ihre eigene Skala.',
    forwards: 'Vorwärts',
    backwards: 'Rückwärts',
    noteHalf: 'Die eine Hälfte bestimmt, die andere ändert sich',
    noteHalfText: `
      <p>Die Kanäle werden geteilt. Die eine Hälfte, ${inline(sub(v('x'), '<mn>1</mn>'))}, geht unverändert durch; ein kleines
      Faltungsnetz sieht sie und sagt, wie die andere Hälfte zu skalieren und zu verschieben ist:</p>
      ${coupled}
      <p>Rückwärts ist die erste Hälfte wieder da, das Netz sagt also dasselbe, und die Rechnung wird rückgängig gemacht. Das
      Netz selbst läuft nie rückwärts und darf beliebig sein.</p>`,
    noteVolume: 'Was er mit der Likelihood macht',
    noteVolumeText: `
      <p>Wo ein Block den Raum dehnt, lagen die Bilder davor dichter beisammen als danach. Das Bild ist dadurch umso
      wahrscheinlicher, um ${inline(f('log'), f('det'), o('='), o('∑'), v('ℓ'))} und eine Konstante der Mischung. Über alle
      Blöcke summiert, machen diese Beiträge aus der Dichte der latenten Punkte die des Bildes, in ${term('nats')}.</p>`,
    noteMix: 'Wozu mischen',
    noteMixText: `
      <p>Sonst würde sich die erste Hälfte nie ändern. Eine feste Drehung der Kanäle, dieselbe für jedes Pixel und jedes Bild, mit
      Skala und Versatz für jeden Kanal, gibt dem nächsten Block andere Hälften.</p>`,
  },

  number: (block, of) => `${block} von ${of}`,
  maps: (channels, height, width) => `${channels} Kanäle zu ${width}×${height}; zu sehen ist der erste jedes Teils`,
  at: (x, y) => `Pixel ${x}, ${y}, erster Kanal von x₂.`,
  forwards: (x, logScale, shift, u) => `${signed(x)} · e^(${signed(logScale)}) + (${signed(shift)}) = ${signed(u)}`,
  backwards: (u, shift, logScale, x) => `(${signed(u)} − (${signed(shift)})) · e^(${signed(-logScale)}) = ${signed(x)}`,
  back: (most) =>
    `Allein aus y zurückgerechnet, ist über alle Zahlen des Blocks der größte Unterschied zu dem, was hereinkam, ${size(most)}.`,
  logDet: (sum) => `Summe der ℓ: ${number(sum, 1)} Nat.`,
  label: (part) => `${part}; Pfeiltasten bewegen das Pixel`,
};
