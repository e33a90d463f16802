import type { frame as English } from '../frame.ts';
import { paperLink } from '../paper.ts';

/** Texts of what surrounds the views. */
export const frame: typeof English = {
  page: {
    language: 'de',
    home: './de.html',
    otherLanguage: 'en',
    otherPage: './',
    otherName: 'English',
    title: 'ibinn: ein Klassifikator, der rückwärts läuft',
    description:
      'Ein generativer Klassifikator zum Spielen im Browser: am Kompromiss γ drehen und sehen, wie sich seine Bilder und seine ' +
      'Genauigkeit ändern, etwas zeichnen und sehen, wie wahrscheinlich es ist, durch seinen latenten Raum gehen. Nichts ' +
      'verlässt den Rechner.',
    skip: 'Zu den Bildern springen',
    contents: 'Ansichten',
    pictures: 'Bilder',
    occlusion: 'Evidenz',
    block: 'Innen',
    teach: 'Lehren',
    plane: 'Ebene',
    share: 'Teilen',
    headline: 'Ein Klassifikator, der rückwärts läuft',
    lead:
      'Vorwärts sagt dieses Netz, was ein Bild zeigt und wie wahrscheinlich es ist. Rückwärts zeichnet es. ' +
      'Es läuft im Browser, und kein Bild verlässt ihn.',
    noScript: 'Diese Seite lässt ein neuronales Netz in deinem Browser laufen, und dafür braucht sie JavaScript.',
    footer: `<p>Die Methode ist die von <span lang="en">${paperLink}</span> (Ardizzone, Mackowiak, Rother und Köthe, NeurIPS 2020).
      Die Adresse dieser Seite enthält alles, was du einstellst, und das Bild, das du gezeichnet oder geöffnet hast: Wer den Link
      bekommt, sieht es.</p>`,
    problemLabel: 'Problem',
    dismiss: 'Schließen',
  },
  notKept: (title, online) =>
    `${title} wurde auf diesem Gerät nicht aufbewahrt, und ${online ? 'diese Website antwortet nicht' : 'es gibt kein Netz'}.`,
  notThere: (title, status) => `${title} ist nicht da, wo es sein sollte: Die Website antwortete ${status}.`,
  standsIn: (problem, title) => `${problem} Stattdessen ist ${title} zu sehen.`,
  noCanvas: 'Dieser Browser kann nicht in zwei Dimensionen zeichnen.',
  copied: 'Kopiert',
  copiedPicture: 'Kopiert, mit deinem Bild',
  notCopied: 'Der Link ließ sich nicht kopieren. Er ist die Adresse dieser Seite.',
};
