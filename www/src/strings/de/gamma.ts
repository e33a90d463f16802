import type { gamma as English } from '../gamma.ts';
import { gammaOf } from '../../models/gammaOf.ts';
import { bits, percentOf, plain } from '../format.ts';
import { tradeOff } from '../formulas.ts';
import { inline, sub, v } from '../math.ts';
import { card as cardText } from './card.ts';
import { term } from './glossary.ts';
import { paper } from './paper.ts';

const gammaSign = inline(v('γ'));

/** Texts of the first view: γ, the pictures of each class, and what runs the model. */
export const gamma: typeof English = {
  page: {
    title: 'γ drehen',
    group: 'Trainiert mit',
    open: 'Eigenes Modell öffnen',
    openShort: 'Öffnen',
    openMore: '(eigenes Modell)',
    openHint:
      'Eine .safetensors-Datei öffnen, die der Trainer geschrieben hat; sie lässt sich auch irgendwo auf die Seite ziehen',
    stageHint: 'Eigene Zeichnungen, drei je Klasse. Anklicken zeigt sie genauer.',
    redraw: 'Andere zeichnen',
    gridLabel: 'Zeichnungen jeder Klasse. Die Pfeiltasten gehen von einer zur nächsten, Enter zeigt sie genauer.',
    dial: 'γ: vom Beschreiben der Bilder zum Unterscheiden der Klassen',
    describes: 'beschreibt Bilder',
    decides: 'trennt Klassen',
    progress: 'Das Modell wird geladen',
    wordsLabel: 'Was γ bewirkt',
    noteTrade: 'Eine Zahl, zwei Wünsche',
    noteTradeText: `
      <p>Das Training verlangt zweierlei: die Bilder gut zu beschreiben (kleines ${inline(sub(v('L'), v('X')))}) und die Klassen
      zu unterscheiden (großes ${inline(sub(v('L'), v('Y')))}, der ${term('log-posterior')} der richtigen Klasse, höchstens 0).
      ${gammaSign} sagt, wie viel das Zweite zählt.</p>
      ${tradeOff}
      <p>So ist es ein Regler zwischen einem Dichtemodell und einem üblichen Klassifikator.</p>
      ${paper('Abschnitt 3; Abb. 6')}`,
    noteFlow: 'Innen geht nichts verloren',
    noteFlowText: `
      <p>Jede Schicht eines ${term('normalizing flow', 'Normalizing Flows')} lässt sich umkehren. Das Netz macht aus einem Bild genau
      einen Punkt ${inline(v('z'))} eines latenten Raums mit so vielen Dimensionen, wie das Bild Pixel hat, und aus jedem Punkt
      genau ein Bild. Deshalb kann ein Klassifikator zeichnen.</p>`,
    noteBayes: 'Klassen sind Wolken',
    noteBayesText: `
      <p>Das Training verlangt runde Wolken, eine je Klasse, um Mittelwerte ${inline(sub(v('μ'), v('y')))}. Die Bilder einer Klasse
      füllen nur einen Teil der ihren: Im Durchschnitt liegen sie bei ${inline(sub(v('m'), v('y')))}, ein Stück neben dem
      Mittelwert. Die Zeichnungen oben sind zufällige Punkte um ${inline(sub(v('m'), v('y')))}, rückwärts durchlaufen; die
      Richtungen bleiben beim Drehen von ${gammaSign} gleich, nur das Netz ändert sich.</p>
      ${paper('Abb. 8 und 14')}`,
  },

  label: (method) => {
    if (method.name === 'ib-inn') return `γ = ${numberOf(gammaOf(method) ?? 0)}`;
    return method.frozen_means === undefined ? 'Class-NLL' : 'Class-NLL, regularisiert';
  },
  stop: (value) => numberOf(value),
  others: 'Andere Methoden',
  classNll:
    'Die übliche Art, einen generativen Klassifikator zu trainieren: jedes Bild als eines seiner Klasse beschreiben',
  tile: (name, index) => `${name}, Zeichnung ${index + 1}`,

  words: (value, error, bitsPerDim) => {
    const measured =
      error === undefined || bitsPerDim === undefined
        ? `Bei γ = ${numberOf(value)} wurde noch nichts gemessen.`
        : `Bei γ = ${numberOf(value)} ordnet dieses Netz ${percentOf(error)} der Testbilder falsch ein und beschreibt ein Bild ` +
          `mit ${bits(bitsPerDim)} Bits/Dim.`;
    return `${measured} ${meaning(value)}`;
  },
  wordsOther: (name, error, bitsPerDim) => {
    const measured =
      error === undefined || bitsPerDim === undefined
        ? `Mit ${name} trainiert: Hier wurde noch nichts gemessen.`
        : `Mit ${name} trainiert, ordnet dieses Netz ${percentOf(error)} der Testbilder falsch ein und beschreibt ein Bild mit ` +
          `${bits(bitsPerDim)} Bits/Dim.`;
    return `${measured} Class-NLL ist die übliche Art, einen generativen Klassifikator zu trainieren: jedes Bild als eines seiner Klasse beschreiben.`;
  },
  tradeLabel: (rows) => `Testfehler und Bits/Dim je γ. ${rows.join(' ')}`,
  tradeRow: (label, error, bitsPerDim) => `${label}: ${percentOf(error)} falsch, ${bits(bitsPerDim)} Bits/Dim.`,
  wrong: (error) => `${percentOf(error)} falsch`,
  bitsPerPixel: (value) => `${bits(value)} Bits/Dim`,
  bitsTick: (value) => plain(value),
  errorTick: (value) => `${plain(value)} %`,
  logarithmic: 'logarithmisch',
  wrongName: cardText.error,
  bitsName: cardText.bitsPerDim,

  loading: (title) => `${title} wird geladen …`,
  starting: 'Das Modell wird gestartet …',
  onCpu: 'Läuft auf der CPU.',
  onGpu: (name, backend) =>
    backend === '' ? `Läuft auf der GPU: ${name}.` : `Läuft auf der GPU: ${name} (${backend}).`,
  noWebGpu: 'Dieser Browser bietet kein WebGPU, deshalb läuft das Modell auf der CPU: Alles geht, nur langsamer.',
  software: 'Dieser Adapter ist Software und langsamer als eine echte GPU.',
  noList: (problem) => `Die Liste der Modelle lässt sich nicht lesen (${problem}).`,
  emptyList: 'models/index.json ist keine Liste von Modellen.',
  ownGroup: (title) => `Deins: ${title}`,
  foreign: (address) => `Modelle werden nur von dieser Website geöffnet und nicht von ${address}.`,
  notFound: (path, status) => `Unter ${path} gibt es kein Modell: Die Website antwortete ${status}.`,
  needsFile: (file) =>
    `Diese Adresse zeigt ein Modell, das jemandem gehört: Öffne seine Datei „${file}“ oder ziehe sie hierher. Bis dahin ist das erste Modell zu sehen.`,
  unknown: (name) => `Ein Modell mit dem Namen „${name}“ gibt es hier nicht, deshalb ist das erste zu sehen.`,
};

function numberOf(value: number): string {
  return value === Infinity ? '∞' : plain(value);
}

function meaning(value: number): string {
  if (value === 0)
    return (
      'Es sollte nur Bilder beschreiben, und nichts zog seine Wolken auseinander. Die Zeichnungen sind trotzdem sortiert: Jede ' +
      'beginnt am mittleren latenten Punkt ihrer Klasse.'
    );
  if (value < 0.1) return 'Es zeichnet gut und unterscheidet die Klassen nebenbei.';
  if (value < 1) return 'Die Klassen zählen etwas mehr, und es irrt seltener.';
  if (value === 1)
    return 'Ein Nat der Klasse zählt so viel wie ein Nat in jeder Dimension des Bildes: Es zeichnet und unterscheidet die Klassen.';
  if (value < Infinity) return 'Die Klassen zählen am meisten: Es zeichnet schlechter und wird dafür kaum genauer.';
  return 'Es sollte nur die Klassen unterscheiden wie übliche Klassifikatoren und nie ein Bild beschreiben: Es zeichnet Rauschen.';
}
