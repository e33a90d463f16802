import { number, percentOf } from '../format.ts';
import type { verdict as English } from '../verdict.ts';

/** What the page says of how novel an image is, wherever it does. */
export const verdict: typeof English = {
  names: { ordinary: 'Gewöhnlich', unusual: 'Ungewöhnlich', 'none-of-these': 'Nichts davon' },
  notFitted: 'Die Neuheit wurde an dieses Modell nicht angepasst, deshalb kann es nicht sagen, ob es so etwas kennt.',
  notMeasured: 'Wie viele der Testbilder dieses Urteil bekommen, wurde nicht gemessen.',
  alarms: (kind, percent) => {
    if (kind === 'ordinary') return `${percentOf(100 - percent)} der Testbilder bekommen dieses Urteil.`;
    if (kind === 'unusual') return `${percentOf(percent)} der Testbilder bekommen dieses Urteil oder ein strengeres.`;
    return `Auch ${percentOf(percent)} der Testbilder bekommen dieses Urteil.`;
  },
  count: (p) => {
    const of = Math.round(1000 * p);
    return of <= 1
      ? `Von ${number(1000)} gewöhnlichen Bildern ist höchstens 1 so fremd oder fremder.`
      : `Von ${number(1000)} gewöhnlichen Bildern sind etwa ${number(of)} so fremd oder fremder.`;
  },
  axis: `von ${number(1000)} gewöhnlichen Bildern sind so viele so fremd oder fremder`,
  p: (p) => (p <= 0.001 ? `p ≤ ${number(0.1, 1)} %` : `p = ${number(100 * p, p < 0.1 ? 1 : 0)} %`),
  why: (nearest, share, allFar) => {
    const own = share <= 0.01 ? 'höchstens 1 %' : `${number(100 * share)} %`;
    const lie = `von deren eigenen Bildern ${own} so weit von ihr entfernt liegen`;
    return allFar
      ? `Weit weg von jeder Klasse. Die nächste ist „${nearest}“, ${lie}.`
      : `Die nächste Klasse ist „${nearest}“, ${lie}.`;
  },
  likelihood: (shareBelow) => {
    if (shareBelow <= 0.01) return 'Aber es ist schlichter: wahrscheinlicher als mindestens 99 % der Testbilder.';
    if (shareBelow >= 0.99) return 'Und es ist unwahrscheinlicher als mindestens 99 % der Testbilder.';
    return '';
  },
  detection: (least, most) => `Wie gut dieses Modell das erkennt: AUROC ${number(least)} bis ${number(most)} %`,
  detectionOne: (auroc) => `Wie gut dieses Modell das erkennt: AUROC ${number(auroc)} %`,
  set: 'Stattdessen gezeigt',
  auroc: 'AUROC',
  flagged: 'Nicht „gewöhnlich“',
  percent: (value) => percentOf(value),
  hidden: (set, flagged) =>
    `Bleibt ihm meist verborgen: ${set}. Davon heißen ${percentOf(flagged)} ungewöhnlich oder nichts davon.`,
  noSets: 'Diesem Modell wurden keine Bilder anderer Art gezeigt.',
};
