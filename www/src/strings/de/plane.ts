import { number, percentOf, plain } from '../format.ts';
import { classNll } from '../formulas.ts';
import { inline, n, o, sub, v } from '../math.ts';
import type { plane as English } from '../plane.ts';
import { paper } from './paper.ts';

const gammaSign = inline(v('γ'));
const LX = inline(sub(v('L'), v('X')));
const LY = inline(sub(v('L'), v('Y')));

const gamma = (value: number) => (value === Infinity ? '∞' : plain(value));

/** Texts of the view that trains on the plane. */
export const plane: typeof English = {
  page: {
    title: 'Selbst trainieren',
    dek: 'Ein Flow, klein genug, um ihm beim Training zuzusehen: Punkte der Ebene statt Bilder, und zwei Verlustfunktionen nebeneinander.',
    play: 'Abspielen',
    step: 'Ein Schritt',
    reset: 'Von vorn',
    tryLabel: 'Probiere das: sehenswerte Einstellungen, die sofort beginnen',
    try: 'Probiere das:',
    tryIb: 'IB, γ = 1',
    tryClassNll: 'Class-NLL',
    tryBoth: 'nebeneinander',
    sets: 'Punkte',
    classes: 'Klassen',
    count: 'Wie viele',
    loss: 'Verlust',
    gamma: `IB: ${gammaSign}`,
    dims: `Class-NLL, gewichtet wie in ${inline(v('D'))} Dimensionen`,
    noise: `Rauschen ${inline(v('σ'))}`,
    rate: 'Lernrate',
    paint: 'Male eigene auf die Daten',
    undo: 'Rückgängig',
    clear: 'Alle entfernen',
    seed: 'Startwert',
    newSeed: 'Anderen Startwert ziehen',
    dataSpace: 'Datenraum',
    latentSpace: 'Latenter Raum',
    dataLabel:
      'Datenraum: die Punkte, was der Flow aus der Ebene um sie herum macht, und wo seine Entscheidung wechselt. Klicken oder ' +
      'ziehen malt Punkte. Mit der Tastatur: Die Pfeiltasten bewegen ein Kreuz, die Leertaste malt dort einen Punkt, die Ziffern ' +
      'wählen seine Klasse, die Rücktaste nimmt den letzten zurück.',
    latentLabel:
      'Latenter Raum: die Ebene, wie der Flow sie biegt, die latenten Punkte und die Wolke um jeden Mittelwert.',
    noteMeans: 'Mittelwerte stoßen sich ab oder fallen zusammen',
    noteMeansText: `
      <p>Drücke <i>nebeneinander</i>. Beide Flows beginnen gleich, mit zwei Mittelwerten dicht beieinander. ${LY} belohnt einen
      latenten Punkt dafür, dem eigenen Mittelwert näher zu sein als den anderen; unter dem IB-Verlust schieben sich die
      Mittelwerte deshalb auseinander. Die Class-NLL eines Bildes zieht nur an: Die Klasse zählt so gut wie nichts, der Flow macht
      aus beiden Ringen eine Wolke, und beide Mittelwerte rutschen in ihre Mitte.</p>
      ${paper('Abschnitt 3; Abb. 4')}`,
    noteGamma: `Class-NLL ist ein sehr kleines ${gammaSign}`,
    noteGammaText: `
      <p>Für eine Likelihood, wenn die Klasse gegeben ist, lässt der Satz von Bayes</p>
      ${classNll}
      <p>übrig: eine Klasse gegen ${inline(v('D'))} Zahlen. In der Ebene ist das ${inline(v('γ'), o('='), n('½'))}, und Klassen
      gehen auseinander; wähle 2 und sieh selbst. Bei einem Bild von CIFAR ist es 1/3072.</p>`,
    noteMesh: 'Die Ebene, verbogen',
    noteMeshText: `
      <p>Das quadratische Gitter des Datenraums ist im latenten Raum noch einmal gezeichnet, wohin der Flow es gebogen hat. Nie
      laufen zwei Linien zusammen: Der Flow lässt sich umkehren. Wo er das Gitter dehnt, ist die Dichte hoch; die Linien um die
      Punkte umschließen die Hälfte und 95 % davon. Drehe ${gammaSign} auf 0 oder ∞, während es läuft: Ohne ${LY} mischen sich die
      Farben, ohne ${LX} zerfällt die Dichte.</p>`,
  },

  pause: 'Pause',
  accuracy: 'Genauigkeit',
  distance: 'Abstand der Mittelwerte',
  lX: `${LX}, Nat/Dim`,
  lY: `${LY}, Nat`,
  share: (value) => percentOf(100 * value),
  length: (value) => number(value, 2),
  nats: (value) => number(value, 2),
  whole: (value) => number(value),
  gamma,
  steps: (count) => `Schritt ${number(count)}`,
  ib: (value) => `IB, γ = ${gamma(value)}`,
  classNll: (dims) => `Class-NLL, D = ${dims}`,
  sets: (set) => ({ circles: 'Ringe', moons: 'Monde', spirals: 'Spiralen', blobs: 'Kleckse', blank: 'Keine' })[set],
  shown: (shown) => ({ both: 'Beide', ib: 'IB', 'class-nll': 'Class-NLL' })[shown],
  dims: (dims) => ({ 2: '2, wie hier', 784: '784', 3072: '3072' })[dims] ?? String(dims),
  className: (label) => `Klasse ${label + 1}`,
  painted: (count) => (count === 0 ? 'Noch keine.' : `${number(count)} gemalt.`),
  enough: (most) => `${number(most)} Punkte lassen sich malen; nimm welche zurück, um andere zu malen.`,
  noPoints: 'Hier gibt es nichts zu lernen: Wähle Punkte, oder male welche.',
  summary: (runs) => {
    const steps = runs[0]?.steps ?? 0;
    if (steps === 0) return '';
    const each = runs.map(
      ({ name, accuracy, meansDistance }) =>
        `${name}: ${percentOf(100 * accuracy)} richtig, Mittelwerte ${number(meansDistance, 2)} auseinander.`,
    );
    return `Nach ${number(steps)} Schritten. ${each.join(' ')}`;
  },
};
