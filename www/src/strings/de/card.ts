import type { card as English } from '../card.ts';
import { number, percentOf } from '../format.ts';
import { paper } from './paper.ts';

/** Texts of the model card. */
export const card: typeof English = {
  page: {
    title: 'Modellkarte',
    dek: 'Was trainiert wurde, und was auf Bildern gemessen wurde, die das Netz nie gesehen hat.',
    group: 'Alle Methoden',
    calibration: 'Kalibrierung',
    ood: 'Kennt es so etwas?',
    executor: 'Läuft auf',
    noteCalibration: 'Bedeuten 90 % auch 90 %?',
    noteCalibrationText: `
      <p>Von allen Malen, bei denen es 90 % vorhersagt, sollte es neun von zehn Mal recht haben: Dann folgt die Kurve der
      Diagonale. Die Fehler in der Tabelle sagen, wie weit sie davon abweicht: im Mittel (erwarteter Kalibrierungsfehler, ECE,
      über die Posteriors aller Klassen, wie der Artikel zählt), schlimmstenfalls (MCE) und über die ganze Kurve (ICE).</p>
      ${paper('Abschnitt 4; Abb. 11; Tab. 1')}`,
    noteOod: 'Erkennen, was fremd ist',
    noteOodText: `
      <p>Das Fach nennt es Out-of-Distribution-Erkennung: Wie oft hält das Maß, wenn es ein Bild anderer Art und ein Testbild
      sieht, das erste für fremder? Immer heißt AUROC 100 %, Raten 50 %; darunter hält es die andere Art für gewöhnlicher.
      <dfn>Neuheit</dfn> fragt, wo der latente Punkt liegt; <dfn>Typizität</dfn>, das Maß des Artikels, wie üblich die Likelihood
      ist. Für keine von beiden wurde mit Bildern anderer Art trainiert.</p>
      ${paper('Abb. 5 und 6; Tab. 1')}`,
    noteWho: 'Wer gemessen hat',
    noteWhoText: `
      <p>Jede Zahl hat das Programm berechnet, das auch hier läuft, mit den Gewichten, die du heruntergeladen hast, auf
      Testbildern, mit denen nicht trainiert wurde.</p>`,
  },

  executors: { auto: 'automatisch', gpu: 'GPU', cpu: 'CPU' },
  dataset: 'Datensatz',
  method: 'Methode',
  error: 'Testfehler',
  bitsPerDim: 'Bits/Dim',
  bitsPerDimTables: 'Bits/Dim, wie in den Tabellen des Artikels',
  bitsPerDimTablesHint:
    'Nach der Konvention der Tabellen des Artikels, welche die Konstante ½ ln 2π und die Skala der Pixel weglässt.',
  classPrior: 'A-priori-Verteilung der Klassen',
  classPriors: { counts: 'Häufigkeiten', learned: 'gelernt' },
  classPriorsHint: {
    counts: 'Der Posterior erwartet Klassen so oft wie unter den Trainingsbildern.',
    learned: 'Der Posterior erwartet manche Klassen öfter als andere, wie es mit den Mittelwerten gelernt wurde.',
  },
  training: 'Trainiert mit',
  evaluated: 'Getestet mit',
  parameters: 'Parameter',
  epochs: (count) => `Bildern, ${number(count)} ${count === 1 ? 'Epoche' : 'Epochen'}`,
  by: (executor) => `Bildern, auf der ${executor.toUpperCase()}`,
  count: (value) => number(value),
  share: (value) => percentOf(value),
  bits: (value) => number(value, 2),
  notEvaluated: 'nicht ausgewertet',

  model: 'Modell',
  ece: 'ECE',
  mce: 'MCE',
  ice: 'ICE',
  auroc: (score, set) => `AUROC der ${score}, ${set}`,
  novelty: 'Neuheit',
  typicality: 'Typizität',
  loading: '…',
  missing: '–',
  percent: (value) => number(value, 1),
  fine: (value) => number(value, 2),
  said: 'vorhergesagte Wahrscheinlichkeit',
  right: 'beobachtete Häufigkeit',
  curveLabel: (points) => `Kalibrierungskurve. ${points.join(' ')}`,
  curvePoint: (said, right) => `Vorhergesagt ${number(100 * said)} %, beobachtet ${number(100 * right)} %.`,
  dataSets: {
    builtin: 'Gezeichnete Ziffern',
    mnist: 'MNIST',
    'fashion-mnist': 'Fashion-MNIST',
    kmnist: 'KMNIST',
    'cifar-10': 'CIFAR-10',
    'cifar-100': 'CIFAR-100',
    own: 'Deine eigenen Bilder',
  },
  oodLabel:
    'AUROC dafür, Bilder anderer Art von Testbildern zu unterscheiden, in Prozent: nach Neuheit und nach Typizität',
  guessing: 'Raten',
  better: '100 %',
  worse: '0 %',
  set: 'Statt Testbildern gezeigt',
  aurocNovelty: 'AUROC der Neuheit',
  fpr95: 'FPR bei 95 %',
  flagged: 'Nicht „gewöhnlich“',
  none: '„Nichts davon“',
  entropyIncrease: 'Zunahme der Entropie, Nat',
  worseThanGuessing: (value) => `${value}, schlechter als Raten`,
  alarmsTitle: 'Was das Urteil mit Testbildern macht',
  level: 'Angestrebtes Niveau',
  level100: (alpha) => `${number(alpha)} %`,
  alarms: 'Fehlalarme',
  missed: 'Eigene Klasse fehlt in der Menge',
  alarmsNote:
    'Gemessene Fehlalarme neben dem angestrebten Niveau; die Menge der Klassen zu einem Niveau lässt die aus, die zu weit weg sind.',
  confusion: 'Welche Klasse wofür gehalten wird',
  confusionNote: 'Testbilder nach ihrer Klasse (Zeilen) und der Klasse, für die sie gehalten werden (Spalten).',
  classError: 'Fehler',
  sets: {
    noise: 'Testbilder mit Rauschen',
    kmnist: 'japanische Schriftzeichen (KMNIST)',
    notmnist: 'Buchstaben aus Schriften (notMNIST)',
    mnist: 'handgeschriebene Ziffern (MNIST)',
    'fashion-mnist': 'Kleidungsstücke (Fashion-MNIST)',
    quickdraw: 'Kritzeleien (QuickDraw)',
    natural32: 'Fotografien',
    builtin: 'gezeichnete Ziffern',
    'builtin-letters': 'gezeichnete Buchstaben',
    'rgb-rotation': 'gedrehte Farben',
  },
  noCalibration: 'Die Karte dieses Modells enthält keine Kalibrierungskurve.',
  noNovelty: 'Die Neuheit wurde an dieses Modell nicht angepasst.',
  noOod: 'Die Karte dieses Modells enthält keine Bilder anderer Art.',
};
