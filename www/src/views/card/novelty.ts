import type { Model } from 'ibinn';
import { create } from '../../dom.ts';
import { card as text } from '../../strings/card.ts';
import { hiddenSets, measuredSets } from '../draw/detection.ts';
import { nameOf } from './sets.ts';

/** Shows what novelty does: to images of other kinds, set by set, and to test images, level by level. */
export function showNovelty(frame: HTMLElement, model: Model): void {
  const { novelty, evaluation } = model.card;
  if (!novelty) return frame.replaceChildren(create('p', 'hint', text.noNovelty));
  const sets = measuredSets(model);
  const detection = table(
    [text.set, text.aurocNovelty, text.fpr95, text.flagged, text.none, text.entropyIncrease],
    sets.map(({ name, novelty, entropy_increase }) => [
      nameOf(name),
      text.share(novelty.auroc),
      text.share(novelty.fpr95),
      text.share(novelty.unusual),
      text.share(novelty.none_of_these),
      text.fine(entropy_increase),
    ]),
  );
  const levels = evaluation?.novelty ?? [];
  const alarms = table(
    [text.level, text.alarms, text.missed],
    levels.map(({ alpha, alarms, missed }) => [text.level100(alpha), text.share(alarms), text.share(missed)]),
  );
  const hidden = hiddenSets(sets).map((words) => create('p', 'hint', words));
  frame.replaceChildren(
    ...(sets.length > 0 ? [detection, ...hidden] : []),
    ...(levels.length > 0 ? [create('h3', '', text.alarmsTitle), alarms, create('p', 'hint', text.alarmsNote)] : []),
  );
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): HTMLElement {
  const head = create('tr', '', ...heads.map((words) => create('th', '', words)));
  for (const cell of head.children) cell.setAttribute('scope', 'col');
  const body = rows.map(([first = '', ...cells]) => {
    const name = create('th', '', first);
    name.scope = 'row';
    return create('tr', '', name, ...cells.map((words) => create('td', '', words)));
  });
  const made = create(
    'div',
    'scroll',
    create('table', 'group', create('thead', '', head), create('tbody', '', ...body)),
  );
  made.tabIndex = 0;
  made.setAttribute('role', 'region');
  made.setAttribute('aria-label', heads[0] ?? '');
  return made;
}
