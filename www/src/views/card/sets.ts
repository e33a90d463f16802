import type { OodRow } from 'ibinn';
import { create } from '../../dom.ts';
import { card as text } from '../../strings/card.ts';

/** Scores that tell images of another kind from test images. */
interface Score {
  readonly name: string;
  readonly kind: 'novelty' | 'typicality';
  of(row: OodRow): number | undefined;
}

const SCORES: readonly Score[] = [
  { name: text.novelty, kind: 'novelty', of: ({ novelty }) => novelty?.auroc },
  { name: text.typicality, kind: 'typicality', of: ({ typicality_auc }) => typicality_auc },
];

/**
 * Draws how well images of another kind are told from test images: for each set a bar a score, from guessing to the right,
 * and to the left where it does worse than that.
 */
export function drawSets(frame: HTMLElement, rows: readonly OodRow[]): void {
  if (rows.length === 0) return frame.replaceChildren(text.noOod);
  const list = create('ol', 'auroc');
  list.setAttribute('aria-label', text.oodLabel);
  for (const row of rows) {
    const bars = SCORES.flatMap((score) => {
      const auroc = score.of(row);
      return auroc === undefined ? [] : [bar(score, auroc)];
    });
    list.append(create('li', '', create('p', 'set-name', nameOf(row.name)), ...bars));
  }
  const ends = create(
    'p',
    'sets-ends',
    create('span', '', text.worse),
    create('span', '', text.guessing),
    create('span', '', text.better),
  );
  ends.setAttribute('aria-hidden', 'true');
  frame.replaceChildren(list, ends);
}

function bar({ name, kind }: Score, auroc: number): HTMLElement {
  const fill = create('span', `auroc-fill by-${kind}`);
  fill.style.setProperty('--from', String(Math.min(auroc, 50) / 100));
  fill.style.setProperty('--to', String(Math.max(auroc, 50) / 100));
  const value = auroc < 50 ? text.worseThanGuessing(text.share(auroc)) : text.share(auroc);
  return create(
    'p',
    'auroc-row',
    create('span', 'auroc-score', name),
    create('span', 'auroc-track', fill),
    create('span', 'auroc-value', value),
  );
}

/** What a set is called; one with a strength, as in `noise:0.1`, keeps it. */
export function nameOf(set: string): string {
  const [kind = '', strength] = set.split(':');
  return [text.sets[kind] ?? kind, strength].filter(Boolean).join(', ');
}
