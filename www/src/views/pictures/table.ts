import type { ListedModel } from '../../models/list.ts';
import { csv } from '../../csv.ts';
import { create } from '../../dom.ts';
import { paint } from '../../images/pixels.ts';
import { pictures as text } from '../../strings/pictures.ts';
import { type Row, type Seen, wasMistaken, wasSeen } from './look.ts';

/** The table shows so many rows; thousands of canvases would tire small machines. */
export const MOST_ROWS = 200;

/**
 * The rows, mistakes first, the surest of them before the others; then the strangest: by p-value, then by how novel or how
 * unlikely. What could not be read comes last.
 */
export function mistakenAndStrangestFirst(rows: readonly Row[]): Row[] {
  const key = (row: Row): readonly number[] => {
    if (!wasSeen(row)) return [3];
    const { novelty, bitsPerDim, posterior, prediction } = row.result;
    if (wasMistaken(row)) return [-1, -(posterior[prediction] ?? 0)];
    return [novelty?.p ?? 1, -(novelty?.score ?? bitsPerDim)];
  };
  const compare = (a: readonly number[], b: readonly number[]) => a[0]! - b[0]! || (a[1] ?? 0) - (b[1] ?? 0);
  return rows
    .map((row) => ({ row, key: key(row) }))
    .sort((a, b) => compare(a.key, b.key))
    .map(({ row }) => row);
}

/** Fills the table with the strangest rows. */
export function showRows(
  table: HTMLTableElement,
  rows: readonly Row[],
  listed: ListedModel,
  look: (row: Seen) => void,
): void {
  const { columns } = text;
  const labelled = rows.some((row) => wasSeen(row) && row.label !== undefined);
  const heads = [columns.picture, columns.file, ...(labelled ? [columns.label] : []), columns.class];
  const numbers = [columns.probability, columns.bits, columns.p, columns.verdict];
  const head = create('tr', '', ...[...heads, ...numbers].map((words) => create('th', '', words)));
  for (const cell of head.children) cell.setAttribute('scope', 'col');
  const body = rows.slice(0, MOST_ROWS).map((row) => (wasSeen(row) ? seenRow(row, listed, look) : unreadRow(row)));
  table.classList.toggle('labelled', labelled);
  table.replaceChildren(create('thead', '', head), create('tbody', '', ...body));
}

function seenRow(row: Seen, listed: ListedModel, look: (row: Seen) => void): HTMLElement {
  const { name, label, bytes, result } = row;
  const canvas = create('canvas', 'image');
  paint(canvas, bytes, listed);
  const open = create('button', 'tile', canvas);
  open.type = 'button';
  open.title = text.look(name);
  open.setAttribute('aria-label', text.look(name));
  open.addEventListener('click', () => look(row));
  const { novelty } = result;
  const none = novelty?.verdict === 'none-of-these';
  const share = result.posterior[result.prediction] ?? 0;
  const said = create('td', 'verdict-word', novelty ? text.verdict[novelty.verdict] : text.none);
  const made = create(
    'tr',
    [none ? 'aside' : '', wasMistaken(row) ? 'mistaken' : ''].join(' ').trim(),
    create('td', '', open),
    create('td', 'file', name),
    ...(label === undefined ? [] : [create('td', 'label', listed.classes[label] ?? String(label))]),
    create('td', 'name', listed.classes[result.prediction] ?? ''),
    create('td', '', text.probability(share)),
    create('td', '', text.bits(result.bitsPerDim)),
    create('td', '', novelty ? text.p(novelty.p) : text.none),
    said,
  );
  if (novelty) made.dataset.verdict = novelty.verdict;
  return made;
}

function unreadRow({ name, problem }: Exclude<Row, Seen>): HTMLElement {
  const words = create('td', 'problem-cell', problem);
  words.colSpan = 5;
  return create('tr', 'unread', create('td'), create('td', 'file', name), words);
}

/** All rows as comma-separated values, in the order of the files. */
export function savedTable(rows: readonly Row[], classes: readonly string[]): string {
  const lines = [...rows]
    .sort((a, b) => a.place - b.place)
    .map((row) => {
      if (!wasSeen(row)) return [row.name, ...Array(text.saved.length - 1 + classes.length).fill(''), row.problem];
      const { prediction, posterior, bitsPerDim, typicality, novelty } = row.result;
      return [
        row.name,
        classes[prediction] ?? '',
        posterior[prediction] ?? '',
        bitsPerDim,
        typicality?.shareMoreTypical ?? '',
        novelty?.score ?? '',
        novelty?.p ?? '',
        novelty?.verdict ?? '',
        ...posterior,
        '',
      ];
    });
  return csv([[...text.saved, ...classes.map(text.posterior), text.error], ...lines]);
}
