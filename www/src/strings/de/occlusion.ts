import { number } from '../format.ts';
import { contribution } from '../formulas.ts';
import { inline, v } from '../math.ts';
import type { occlusion as English } from '../occlusion.ts';
import { term } from './glossary.ts';

const signed = (value: number) => `${value < 0 ? '−' : '+'}${number(Math.abs(value), 1)}`;

/** Texts of what the model looks at. */
export const occlusion: typeof English = {
  page: {
    title: 'Worauf achtet es?',
    dek: 'Verdecke ein Stück des Bildes auf der Zeichenfläche und frage, wie wahrscheinlich der Rest ist. Stück für Stück ergibt die Evidenz ein Bild.',
    evidence: 'Evidenz für eine Klasse',
    evidenceLabel: 'Das Bild, gefärbt, wo es für oder gegen eine Klasse spricht',
    forClass: 'Evidenz für',
    against: 'gegen',
    likelihood: 'Was gewöhnlich ist, was fremd',
    likelihoodLabel: 'Das Bild, gefärbt, wo es das Bild wahrscheinlich oder unwahrscheinlich macht',
    patch: 'Stück',
    legendFor: 'spricht dafür',
    legendAgainst: 'spricht dagegen',
    legendOrdinary: 'macht es wahrscheinlicher',
    legendStrange: 'macht es unwahrscheinlicher',
    noteHide: 'Verdecken und noch einmal fragen',
    noteHideText: `
      <p>Das Stück ${inline(v('P'))} wird durch den Mittelwert der Pixel ringsum ersetzt. Was die Log-Likelihood unter der Klasse
      ${inline(v('y'))} dabei verliert, trägt das Stück bei:</p>
      ${contribution}
      <p>Ein Pixel zeigt das Mittel über die Stücke, die es bedecken.</p>`,
    noteGenerated: 'Was es nicht beschreibt, zählt nicht',
    noteGeneratedText: `
      <p>Ein üblicher Klassifikator mag auf irgendeine Ecke des Bildes achten, und auf welche, lässt sich nur raten. Hier ist die
      Likelihood exakt, und jedes Pixel hat seinen Anteil daran: Evidenz für eine Klasse ist eine Differenz von
      ${term('log-likelihoods')}, in ${term('nats')}. Je 2,3 Nat machen eine Klasse zehnmal so wahrscheinlich.</p>`,
    noteGammaLook: 'Dreh an γ',
    noteGammaLookText: `
      <p>Bei kleinem γ folgt die Evidenz der Form. Bei γ = ∞ wurde vom Netz nie verlangt, das Bild zu beschreiben: Es mag sein Urteil
      an wenig hängen, und was es wahrscheinlich nennt, muss nach nichts aussehen.</p>`,
  },

  predicted: (name) => `die wahrscheinlichste (${name})`,
  runnerUp: (name) => `die zweite (${name})`,
  patches: (side) => `${side}×${side}`,
  evidence: (value, forClass, against) => `Hier: ${signed(value)} Nat für „${forClass}“ gegen „${against}“.`,
  likelihood: (value) => `Hier: ${signed(value)} Nat Log-Likelihood.`,
  evidenceScale: (most, forClass, against) =>
    `„${forClass}“ gegen „${against}“; die stärkste Färbung ist ${number(most, 1)} Nat.`,
  likelihoodScale: (most) => `Die stärkste Färbung ist ${number(most, 1)} Nat.`,
};
