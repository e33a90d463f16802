import { number, percent } from '../format.ts';
import type { pictures as English } from '../pictures.ts';
import { verdict } from './verdict.ts';

/** Texts of many pictures at once. */
export const pictures: typeof English = {
  page: {
    title: 'Viele Bilder',
    dek: 'Gib ihm deine eigenen Bilder, einen Ordner davon: Was nichts davon ist, kommt zuerst.',
    choose: 'Bilder wählen',
    folder: 'Ordner wählen',
    dropHint:
      'Oder ziehe mehrere Bilder, einen Ordner oder die offiziellen Testdateien von MNIST oder Fashion-MNIST (Bilder und Labels) ' +
      'irgendwo auf die Seite. Sie bleiben auf diesem Rechner.',
    frame: 'Eingepasst wie die Trainingsbilder',
    progress: 'Bilder, die angesehen wurden',
    cancel: 'Abbrechen',
    clear: 'Leeren',
    saveTable: 'CSV speichern',
    table: 'Die Bilder, die fremdesten zuerst',
  },
  columns: {
    picture: 'Bild',
    file: 'Datei',
    label: 'Label',
    class: 'Klasse',
    probability: 'Wahrscheinlichkeit',
    bits: 'Bits/Dim',
    p: 'p',
    verdict: 'Urteil',
  },
  verdict: verdict.names,
  probability: (share) => percent(share),
  bits: (value) => number(value, 2),
  p: (p) => `${number(100 * p, 1)} %`,
  none: '–',
  look: (name) => `${name} genauer ansehen`,
  noFiles: 'In diesem Ordner sind keine Dateien.',
  going: (done, all, left) => `${number(done)} von ${number(all)}${left === '' ? '' : `, ${left}`}`,
  left: (seconds) =>
    seconds < 1 ? '' : seconds < 90 ? `noch etwa ${number(seconds)} s` : `noch etwa ${number(seconds / 60)} min`,
  done: (read, none, unread) =>
    [
      `${number(read)} ${read === 1 ? 'Bild' : 'Bilder'}`,
      `${number(none)} davon nichts davon`,
      ...(unread > 0
        ? [`${number(unread)} ${unread === 1 ? 'Datei ließ sich nicht lesen' : 'Dateien ließen sich nicht lesen'}`]
        : []),
    ].join(', ') + '.',
  mistaken: (count, all) =>
    `${number(count)} von ${number(all)} (${number((100 * count) / all, 2)} %) werden für eine andere Klasse gehalten; sie kommen zuerst.`,
  testImage: (index) => `Testbild ${index}`,
  broken: (name) => `„${name}“ ist keine Datei eines Testsatzes, die sich hier lesen lässt.`,
  onlyLabels: 'Die Datei der Labels allein ist kein Bild: Ziehe sie zusammen mit der der Bilder hierher.',
  uneven: (images, labels) =>
    `Die Dateien gehören nicht zusammen: Die eine enthält ${number(images)} Bilder, die andere ${number(labels)} Labels.`,
  otherShape: (name, height, width) =>
    `„${name}“ enthält graue Bilder von ${height} × ${width}, und das laufende Modell nimmt andere.`,
  cancelled: (read, all) => `Abgebrochen: ${number(read)} von ${number(all)} wurden angesehen.`,
  most: (shown) => `Zu sehen sind die ersten ${number(shown)}; die gespeicherte Datei enthält alle.`,
  classPrior: (prior, hint) => `A-priori-Verteilung der Klassen: ${prior}. ${hint}`,
  // The columns of `trainer classify`, which have one language.
  saved: ['file', 'prediction', 'probability', 'bits_per_dim', 'typicality', 'novelty', 'novelty_p', 'verdict'],
  posterior: (name) => `posterior:${name}`,
  error: 'error',
};
