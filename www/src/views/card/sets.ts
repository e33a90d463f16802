import type { OodRow } from 'ibinn';
import { create } from '../../dom.ts';
import { card as text } from '../../strings/card.ts';

/** No better than this is as good as guessing: the intervals of these measures are about so wide. */
const GUESSING = 52;

/** Draws how well images of another kind are told from test images: a bar for each set, from guessing to always. */
export function drawSets(frame: HTMLElement, rows: readonly OodRow[]): void {
  if (rows.length === 0) return frame.replaceChildren(text.noOod);
  const list = create('ol', 'bars');
  list.setAttribute('aria-label', text.oodLabel);
  for (const { name, typicality_auc: auc } of rows) {
    const fill = create('span', 'bar-fill');
    fill.style.setProperty('--share', String(Math.max(0, (auc - 50) / 50)));
    list.append(
      create(
        'li',
        '',
        create('span', 'bar-name', auc > GUESSING ? nameOf(name) : text.guessing(nameOf(name))),
        create('span', 'bar-track', fill),
        create('span', 'bar-share', text.share(auc)),
      ),
    );
  }
  const ends = create('p', 'sets-ends', create('span', '', '50 %'), create('span', '', '100 %'));
  frame.replaceChildren(list, ends);
}

/** What a set is called; one with a strength, as in `noise:0.1`, keeps it. */
export function nameOf(set: string): string {
  const [kind = '', strength] = set.split(':');
  return [text.sets[kind] ?? kind, strength].filter(Boolean).join(', ');
}
