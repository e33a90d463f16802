import { number, percent, percentOf, plain } from '../format.ts';
import { inline, sub, v } from '../math.ts';
import type { teach as English } from '../teach.ts';
import { verdict } from './verdict.ts';

const gammaSign = inline(v('γ'));
const LX = inline(sub(v('L'), v('X')));
const LY = inline(sub(v('L'), v('Y')));

/** Texts of the view that trains a flow on the visitor's pictures. */
export const teach: typeof English = {
  page: {
    title: 'Bring ihm deine eigenen bei',
    dek:
      'Zeige ihm einige Bilder von jeder deiner Klassen. Es lernt, sie zu unterscheiden, sie zu zeichnen und zu sagen, wenn etwas ' +
      'nichts davon ist. Alles geschieht in diesem Browser.',
    easel: 'Staffelei',
    canvasLabel:
      'Staffelei: Hier mit Maus, Finger oder Stift ein Bild zeichnen. Mit der Tastatur: Die Pfeiltasten bewegen den Stift, die ' +
      'Leertaste macht einen Punkt, Umschalttaste mit Pfeiltaste zeichnet.',
    canvasEmpty: 'Hier zeichnen',
    clear: 'Leeren',
    camera: 'Kamera',
    easelHint:
      'Was du hier zeichnest oder zeigst, sieht es sich an; ein Bild der gewählten Klasse wird es, sobald du es hinzufügst.',
    kind: 'Bilder',
    grey: 'Grau, 28 × 28',
    colour: 'Farbe, 32 × 32',
    classes: 'Klassen',
    addClass: 'Klasse hinzufügen',
    pictureFiles: 'Bilddateien für die gewählte Klasse',
    openSet: 'Bilder öffnen',
    saveSet: 'Bilder speichern',
    startOver: 'Von vorn',
    chosen: 'Ausgewählte Bilder',
    remove: 'Löschen',
    moveTo: 'Verschieben zu',
    dropHint:
      'Ein Ordner mit Ordnern, oder ein .zip davon, hat in jedem Ordner eine Klasse. Was du speicherst, liest auch der Trainer.',
    training: 'Training',
    begin: 'Beginnen mit',
    gamma: `Kompromiss ${gammaSign}`,
    vary: 'Bilder jedes Mal ein wenig verschieben, drehen und anders beleuchten',
    varied: 'Bilder, wie sie verändert werden',
    train: 'Trainieren',
    saveModel: 'Modell speichern',
    play: 'In jeder Ansicht benutzen',
    charts: 'Was vom Training abgelesen wurde',
    samples: 'Was es zeichnet',
    samplesHint: 'Bilder, die niemand gezeichnet hat: Jede Spalte beginnt mit demselben Rauschen.',
    latents: 'Wohin es sie legt',
    latentsHint:
      'Jedes Bild an seinem latenten Punkt, in der Ebene, in der sich die Klassen am stärksten unterscheiden. Was auf der Staffelei ' +
      'ist, liegt dazwischen, in einem größeren Rahmen: Was nichts davon ist, kann auch dort liegen, denn die Ebene zeigt zwei von ' +
      'vielen Richtungen. Zwei Klassen unterscheiden sich nur in einer, von links nach rechts, und wie hoch ein Bild liegt, hat ' +
      'nichts zu bedeuten.',
    latentsLabel: 'Karte der gezeigten Bilder im latenten Raum',
    lessonStart: 'Eine erste Lektion',
    lesson: 'Eine erste Lektion',
    forTeachers: '<a href="./teachers.de.html">Für Lehrkräfte: was das zeigt</a>',
    noteFew: 'Warum so wenige Bilder genügen',
    noteFewText: `
      <p>Ein Modell, das andere Bilder kennt, hat gelernt, was Striche und Kanten sind. Es encodiert deine, und die Mittelwerte und
      die Streuung ihrer latenten Punkte ergeben sofort einen Klassifikator, nach einer Formel. Das Training biegt den Flow dann so,
      dass deine Bilder wahrscheinlich werden.</p>`,
    noteNone: 'Nichts davon',
    noteNoneText: `
      <p>Ein üblicher Klassifikator nennt für alles, was man ihm zeigt, eine seiner Klassen. Dieser misst auch, wie weit ein Bild von
      allen entfernt liegt, und zählt, wie viele deiner eigenen Bilder, ein wenig verändert, ebenso weit weg liegen. Je mehr du ihm
      zeigst, desto besser weiß er, was gewöhnlich ist.</p>`,
    noteYours: 'Es weiß, was du ihm gezeigt hast',
    noteYoursText: `
      <p>Wurde jedes Bild einer Klasse am selben Fenster aufgenommen, gehört das Fenster zur Klasse. Sehen sich zwei Klassen ähnlich,
      so ist es unentschieden. Zeige ihm, was es falsch macht, und es lernt das. Eine Klasse ist, was ihre Bilder sind, nicht, was
      ihr Name sagt.</p>`,
  },

  lesson: [
    'Gib zwei Klassen einen Namen: Dinge, die du zeichnen oder in die Kamera halten kannst.',
    'Gib der ersten zehn Bilder, jedes ein wenig anders.',
    'Gib der zweiten zehn.',
    'Zeichne noch eines von beiden und füge es nicht hinzu: Es sagt, welches es sieht.',
    'Zeichne nun etwas anderes. Es sollte sagen, das sei ungewöhnlich, oder nichts davon.',
    'Drücke „Trainieren“ und sieh dir vierzig Schritte lang die Bilder an, die es zeichnet.',
  ],
  lessonStatus: (now, all) =>
    now < 0 ? 'Das war die Lektion. Bei welchen Bildern lag es falsch, und warum?' : `Schritt ${now + 1} von ${all}`,

  className: (index) => String.fromCharCode(65 + index),
  into: (name) => `Zu „${name}“ hinzufügen`,
  hold: (name) => `Halten, um zu „${name}“ hinzuzufügen`,
  nameOf: (index) => `Name der Klasse ${index + 1}`,
  choose: (name) => `Was auf der Staffelei ist, zu „${name}“ hinzufügen`,
  files: 'Dateien',
  filesOf: (name) => `Bilddateien für „${name}“ wählen`,
  drawn: 'Zehn zeichnen',
  drawnOf: (name, model) => `Zu „${name}“ zehn Bilder hinzufügen, die ${model} zeichnet`,
  removeClass: (name) => `Die Klasse „${name}“ mit ihren Bildern entfernen`,
  tile: (index, name) => `Bild ${index + 1} von „${name}“`,
  count: (count) => (count === 1 ? '1 Bild' : `${number(count)} Bilder`),
  chosen: (count) => (count === 1 ? '1 Bild ausgewählt' : `${number(count)} Bilder ausgewählt`),
  more: (hidden) => `und ${number(hidden)} weitere`,

  fromModel: (title) => title,
  fromNothing: 'nichts',
  gamma: (value) => (value === Infinity ? '∞' : plain(value)),

  needsClasses: 'Zum Unterscheiden braucht es zwei Klassen. Füge noch eine hinzu.',
  needsName: 'Jede Klasse braucht einen eigenen Namen.',
  needsPictures: (name, have) =>
    have === 0
      ? `Füge zu „${name}“ einige Bilder hinzu.`
      : `„${name}“ hat ein Bild. Zwei sind das Mindeste, zehn ein Anfang.`,
  few: (name) => `Einige Bilder mehr von „${name}“ würden helfen: Zehn sind ein Anfang.`,
  uneven: (name) => `„${name}“ hat viel weniger Bilder als die anderen.`,
  alike: (a, b, share) =>
    `„${a}“ und „${b}“ sehen für es ähnlich aus: Von ihren Bildern, an die es nicht angepasst wurde, werden ` +
    `${percentOf(100 * share)} für die andere Klasse gehalten.`,
  ready: 'Bereit zum Training.',
  atOnce: 'Das weiß es sofort, nach einer Formel. Training macht mehr daraus.',
  atOnceBusy: 'Sieht sich deine Bilder an …',
  starting: 'Beginnt …',
  pause: 'Pause',
  goOn: 'Weiter',
  state: ({ steps, images }, rate) =>
    `Schritt ${number(steps)}, ${number(rate)} Bilder je Sekunde, ${number(images)} je Schritt`,
  rested: (steps) => `Pause nach ${number(steps)} Schritten.`,
  stopped: 'Das Training ist abgebrochen. Es geht dort weiter, wo es zuletzt gespeichert wurde.',

  rightChart: 'Richtig, zurückgehalten',
  lXChart: `${LX}, Nat/Dim`,
  lYChart: `${LY}, Nat`,
  share: (value) => percentOf(100 * value),
  nats: (value) => number(value, 2),

  nothingYet: 'Es sagt, was es sieht, sobald es zwei Klassen kennt.',
  sees: (name, share) => `${name}, ${percent(share)}`,
  ifOne: (name) => `Wenn es eins wäre: ${name}`,
  verdicts: verdict.names,
  p: (p) => `${number(100 * p, p < 0.1 ? 1 : 0)} % solcher Bilder sind so fremd oder fremder.`,

  notClasses: 'Kein Ordner darin enthält Bilder: Eine Klasse ist ein Ordner mit Bildern.',
  notAnArchive: (name) => `„${name}“ ist kein Archiv, das sich hier lesen lässt.`,
  tooMany: (most) => `Es kann ${most} Klassen geben.`,
  full: (most) => `Eine Klasse kann ${number(most)} Bilder enthalten.`,
  sample: (name) => `Ein Bild von „${name}“, das es zeichnet`,
  samplesOf: (name) => name,
  modelName: 'mein-modell.safetensors',
  setName: 'meine-bilder.zip',
  sure: 'Alle Bilder und das Gelernte werden weg sein. Noch einmal drücken, um von vorn zu beginnen.',
};
