import type { Model, OodRow } from 'ibinn';
import { create } from '../../dom.ts';
import { verdict as text } from '../../strings/verdict.ts';
import { nameOf } from '../card/sets.ts';

/** A set of which fewer than these percent are called unusual or none of these is mostly hidden from the verdict. */
const HIDDEN_BELOW = 50;

/** A set that novelty was measured on. */
type Measured = OodRow & { readonly novelty: NonNullable<OodRow['novelty']> };

/** The sets that novelty was measured on, best told first. */
export function measuredSets({ card }: Pick<Model, 'card'>): readonly Measured[] {
  const rows = card.evaluation?.ood ?? [];
  return rows
    .filter((row): row is Measured => row.novelty !== undefined)
    .sort((a, b) => b.novelty.auroc - a.novelty.auroc);
}

/** A sentence for each set that the verdict mostly does not see. */
export function hiddenSets(sets: readonly Measured[]): string[] {
  return sets
    .filter(({ novelty }) => novelty.unusual < HIDDEN_BELOW)
    .map(({ name, novelty }) => text.hidden(nameOf(name), novelty.unusual));
}

/** Fills what a click opens beside the verdict: how well this model tells images of other kinds from test images. */
export function showDetection(details: HTMLDetailsElement, model: Model): void {
  const sets = measuredSets(model);
  const aurocs = sets.map(({ novelty }) => novelty.auroc);
  const [least, most] = [Math.min(...aurocs), Math.max(...aurocs)];
  const words =
    sets.length === 0 ? text.noSets : sets.length === 1 ? text.detectionOne(least) : text.detection(least, most);
  const cells = (tag: 'th' | 'td', ...texts: string[]) => texts.map((words) => create(tag, '', words));
  const table = create(
    'table',
    'detection',
    create('thead', '', create('tr', '', ...cells('th', text.set, text.auroc, text.flagged))),
    create(
      'tbody',
      '',
      ...sets.map(({ name, novelty }) =>
        create('tr', '', ...cells('td', nameOf(name), text.percent(novelty.auroc), text.percent(novelty.unusual))),
      ),
    ),
  );
  const hidden = hiddenSets(sets).map((words) => create('p', 'hint', words));
  details.hidden = model.card.novelty === undefined;
  details.replaceChildren(create('summary', '', words), ...(sets.length > 0 ? [table] : []), ...hidden);
}
