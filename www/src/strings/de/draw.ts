import type { draw as English } from '../draw.ts';
import { number, percent, sentence } from '../format.ts';
import { byBayes, density } from '../formulas.ts';
import { inline, v } from '../math.ts';
import { term } from './glossary.ts';
import { paper } from './paper.ts';

/** Texts of drawing and classifying. */
export const draw: typeof English = {
  page: {
    title: 'Zeichnen',
    dek: 'Zeichne etwas, oder zeige ihm ein Bild. Es nennt eine Klasse, oder sagt: nichts davon.',
    canvasLabel:
      'Zeichenfläche. Mit Maus, Finger oder Stift zeichnen. Mit der Tastatur: Die Pfeiltasten bewegen den Pinsel, ' +
      'mit gehaltener Umschalttaste zeichnen sie, die Leertaste setzt einen Punkt.',
    canvasEmpty: 'Hier zeichnen',
    canvasDrop: 'Bild loslassen',
    preview: 'Was das Modell sieht',
    tool: 'Werkzeug',
    brush: 'Pinsel',
    eraser: 'Radierer',
    brushSize: 'Breite',
    tone: 'Helligkeit',
    colour: 'Farbe',
    clear: 'Leeren',
    upload: 'Bild hochladen',
    camera: 'Kamera',
    takeSample: 'Stichprobe',
    asItIs: 'wie es ist',
    pasteHint: 'Du kannst ein Bild auch einfügen oder irgendwo auf die Seite ziehen.',
    place: 'Wo es im latenten Raum liegt',
    placeLabel:
      'Karte des latenten Raums: Testbilder als Punkte in der Farbe ihrer Klasse, und das Bild auf der Zeichenfläche.',
    placeNote: 'Punkte sind Testbilder, Scheiben die Mittelwerte der Klassen. Der umringte Punkt ist dein Bild.',
    disturb: 'Stören',
    turning:
      'Unter jedem Schieber das Urteil an jeder seiner Stellen: grün gewöhnlich, gelb ungewöhnlich, rot nichts davon.',
    undisturbed: 'Zurücksetzen',
    saveNumbers: 'CSV speichern',
    useAsA: 'Von hier interpolieren',
    useAsB: 'Bis hier interpolieren',
    posterior: 'Posterior',
    novelty: 'Kennt es so etwas?',
    likelihood: 'Wie wahrscheinlich ist dieses Bild?',
    likelihoodText: 'Der Hügel: Bits/Dim der Testbilder. Die Nadel: dieses Bild.',
    typicality: 'Typizität, das Maß des Artikels',
    undo: 'Rückgängig',
    redo: 'Wiederholen',
    tries: 'Zum Ausprobieren',
    every: 'Ein Bild, jedes γ',
    everyHint:
      'Dieselben Pixel, gesehen von jedem Netz des Reglers. Drücke eines, um zu ihm zu drehen: kleines γ beschreibt, großes entscheidet.',
    noteBayes: 'Bayes statt letzter Schicht',
    noteBayesText: `
      <p>Es hat gelernt, wie die Bilder jeder Klasse verteilt sind; zu welcher Klasse ein Bild gehört, folgt aus dem
      <dfn>Satz von Bayes</dfn>. Je näher ${inline(v('z'))} am Mittelwert einer Klasse liegt, desto wahrscheinlicher ist sie:</p>
      ${byBayes}`,
    noteLikelihood: 'Eine exakte Likelihood',
    noteLikelihoodText: `
      <p>Dieselben Wolken sagen, wie wahrscheinlich das Bild überhaupt ist. Das ist exakt, da sich das Netz umkehren lässt:</p>
      ${density}
      <p>Gezählt wird in Bits je Dimension; weniger heißt wahrscheinlicher, und die Bytes des Bildes selbst brauchen 8.</p>`,
    noteTypical: '„Nichts davon“',
    noteTypicalText: `
      <p>Jeder Klassifikator nennt für alles eine Klasse. Dieser fragt auch, wie der ${term('latent', 'latente Punkt')} zu denen der
      Trainingsbilder liegt: ob näher an einer Klasse als an allen zusammen. Der Anteil gewöhnlicher Bilder, die ebenso
      ${term('novel')} sind, ist der ${term('p-value')}; bis 5 % heißt es ungewöhnlich, bis 1 % nichts davon. Also bekommen das auch
      manche gewöhnlichen Bilder.</p>
      <p>Der Artikel fragt nur, wie ${term('typical')} die ${term('likelihood')} ist, und das sagt viel weniger.</p>
      ${paper('Abb. 5 und 12; Tab. 1')}`,
  },

  from: (name) => `Eine Zeichnung von „${name}“ durch das Modell. Male darüber, oder leere die Fläche.`,
  own: 'Dein Bild.',
  empty: 'Eine leere Fläche.',
  tries: {
    letter: 'Ein Buchstabe',
    smiley: 'Ein Smiley',
    seven: 'Eine Sieben',
    photograph: 'Ein Bild wie eine Fotografie',
    noise: 'Rauschen',
    black: 'Schwarz',
    half: 'Die Hälfte einer seiner Zeichnungen',
  },
  turnTo: (label) => `Zu ${label} drehen`,
  load: 'Laden',
  arriving: (share) => (share < 0.99 ? `Lädt, ${number(100 * share)} %` : 'Wird gestartet …'),
  noVerdict: 'Kein Urteil',
  asItIs: 'Dein Bild, wie es ist.',
  noGround: 'Dein Bild. Darin fand sich nichts auf einfarbigem Grund, deshalb bleibt es, wie es ist.',
  framed: (inverted, light, scale) => {
    const turned = light ? 'auf hell vor dunkel umgekehrt' : 'auf dunkel vor hell umgekehrt';
    const sized = scale > 1 ? `${number(scale, 1)}-fach vergrößert` : `auf ${number(100 * scale)} % verkleinert`;
    const done = [...(inverted ? [turned] : []), ...(Math.abs(Math.log(scale)) < 0.05 ? [] : [sized]), 'zentriert'];
    return sentence(`${done.join(', ')}, wie seine Trainingsbilder`);
  },
  noMap: 'Die Karte dieses Modells enthält keine Landkarte.',
  noCamera: 'Es gibt keine Kamera, die diese Seite benutzen könnte.',
  cameraRefused: 'Die Kamera darf nicht benutzt werden: Der Browser, oder du, hat es abgelehnt.',
  live: 'Was die Kamera sieht.',
  keepPicture: 'Behalten',
  corruptions: {
    rotation: 'Drehung',
    noise: 'Rauschen',
    blur: 'Unschärfe',
    inversion: 'Umkehrung',
    occlusion: 'Verdeckung',
    colours: 'Farben',
  },
  amount: {
    rotation: (value) => `${number(value)}°`,
    noise: (value) => `σ ${number(value, 2)}`,
    blur: (value) => `${number(value, 1)} px`,
    inversion: (value) => `${number(100 * value)} %`,
    occlusion: (value) => `${number(100 * value)} %`,
    colours: (value) => number(value, 2),
  },
  turns: (at, verdict) => `Ab ${at}: ${verdict.toLowerCase()}.`,
  staysAt: (verdict) => `Durchweg ${verdict.toLowerCase()}.`,
  sweep: (name) => `${name} durchfahren`,
  stopSweep: (name) => `${name} anhalten`,
  notAnImage: (name) => `„${name}“ ist kein Bild, das dieser Browser lesen kann.`,
  tooLarge: (name, width, height, most) =>
    `„${name}“ hat ${width}×${height} Pixel, das sind zu viele: Gelesen werden bis zu ${number(most / 1e6)} Millionen.`,
  pasted: 'Das eingefügte Bild',
  verdict: (name, share) => `${name} (${percent(share)})`,
  ifOne: (name, share) => `Wenn es eins davon wäre: ${name} (${percent(share)})`,
  posteriorIfOne: 'Posterior, wenn es eins davon wäre',
  undecided: (nats, most) => `Entropie ${number(nats, 2)} von höchstens ${number(most, 2)} Nat`,
  bits: (value) => `${number(value, 2)} Bits/Dim`,
  more: (tables, nats) => `${number(tables, 2)} in der Konvention der Tabellen · Log-Likelihood ${number(nats, 1)} Nat`,
  table: {
    model: 'Modell',
    bits: 'Bits je Dimension',
    bitsTables: 'Bits je Dimension, Konvention der Tabellen',
    logLikelihood: 'Log-Likelihood, Nat',
    logDet: 'Log-Det, Nat',
    entropy: 'Entropie, Nat',
    novelty: 'Neuheit (relative Mahalanobis-Distanz)',
    noveltyP: 'p-Wert der Neuheit',
    verdict: 'Urteil',
    nearest: 'nächste Klasse',
    shareBelow: 'Anteil der Testbilder, die wahrscheinlicher sind',
    class: 'Klasse',
    posterior: 'Posterior',
    logit: 'Logit',
  },
  moreLikely: 'wahrscheinlicher',
  lessLikely: 'unwahrscheinlicher',
  noEvaluation: 'Das Modell wurde nicht auf Testbildern ausgewertet, deshalb gibt es nichts zum Vergleichen.',
  typicality: (shareBelow) =>
    shareBelow >= 0.5
      ? `Unwahrscheinlicher als ${shareOf(shareBelow)} der Testbilder.`
      : `Wahrscheinlicher als ${shareOf(1 - shareBelow)} der Testbilder.`,
};

/** A share of things that were counted; one that nearly all have is at least so much. */
function shareOf(share: number): string {
  if (share > 0.99) return 'mindestens 99 %';
  if (share < 0.01) return 'höchstens 1 %';
  return `${number(100 * share)} %`;
}
