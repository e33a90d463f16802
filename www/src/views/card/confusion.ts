import { create } from '../../dom.ts';
import { card as text } from '../../strings/card.ts';

/** More classes would be no table that anybody reads. */
const MOST = 20;

/**
 * Shows which classes are taken for which: a row a class, a column a prediction, darker the more of the row. Right ones
 * stand in the diagonal.
 */
export function showConfusion(
  frame: HTMLElement,
  confusion: readonly (readonly number[])[] | undefined,
  classes: readonly string[],
): void {
  if (!confusion || classes.length > MOST) return frame.replaceChildren();
  const head = create('tr', '', create('td', ''), ...classes.map((name) => column(name)), column(text.classError));
  const rows = confusion.map((counts, label) => {
    const images = counts.reduce((sum, count) => sum + count, 0);
    const name = create('th', '', classes[label] ?? '');
    name.scope = 'row';
    const cells = counts.map((count, prediction) => {
      const cell = create('td', prediction === label ? 'right' : 'wrong', count === 0 ? '' : text.count(count));
      cell.style.setProperty('--share', String(images === 0 ? 0 : count / images));
      return cell;
    });
    const wrong = images - (counts[label] ?? 0);
    return create(
      'tr',
      '',
      name,
      ...cells,
      create('td', 'error', images === 0 ? text.missing : text.share((100 * wrong) / images)),
    );
  });
  const table = create('table', 'matrix', create('thead', '', head), create('tbody', '', ...rows));
  const scroll = create('div', 'scroll', table);
  scroll.tabIndex = 0;
  scroll.setAttribute('role', 'region');
  scroll.setAttribute('aria-label', text.confusion);
  frame.replaceChildren(create('h3', '', text.confusion), create('p', 'hint', text.confusionNote), scroll);
}

function column(name: string): HTMLElement {
  const cell = create('th', '', create('span', '', name));
  cell.scope = 'col';
  return cell;
}
