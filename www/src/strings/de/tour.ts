import type { tour as English } from '../tour.ts';

/** Texts of the tour: five steps in plain words. */
export const tour: typeof English = {
  page: {
    start: 'Rundgang',
    label: 'Rundgang',
    back: 'Zurück',
    close: 'Rundgang beenden',
  },
  next: 'Weiter',
  done: 'Fertig',
  step: (number, all) => `${number} von ${all}`,
  steps: [
    'Diese Bilder hat niemand gezeichnet. Das war das Netz: Es hat gelernt, wie jede Art von Ding aussieht, und kann rückwärts laufen, vom Namen zum Bild. Drücke „Andere zeichnen“, und es zeichnet neue.',
    'Der Regler darunter verstellt eine einzige Zahl, γ. Links wurde das Netz darauf trainiert, Bilder zu beschreiben, rechts nur darauf, sie zu unterscheiden. Drehe ganz nach rechts: Dort irrt es am seltensten und zeichnet Rauschen.',
    'Nun sieht es sich ein Bild an. Das ist der Buchstabe A, der ihm nie gezeigt wurde. Es muss etwas nennen, also tut es das. Neben dem Namen steht sein Urteil, ob es so etwas überhaupt kennt: gewöhnlich, ungewöhnlich oder nichts davon. Male darüber und beobachte, wann sich das ändert.',
    'Dasselbe Bild, gesehen von jedem Netz des Reglers. Sie können uneins sein über den Namen, und darüber, ob es etwas ist, das sie kennen.',
    'Innen ist jedes Bild ein Punkt. Dies ist ein Schnitt durch diesen Raum: Bewege den Zeiger darüber und sieh das Bild an jedem Punkt. Wo sich zwei Wolken treffen, geht das eine ins andere über.',
  ],
};
