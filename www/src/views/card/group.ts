import type { Card, OodRow } from 'ibinn';
import type { App } from '../../app.ts';
import { create } from '../../dom.ts';
import type { ListedModel } from '../../models/list.ts';
import { card as text } from '../../strings/card.ts';
import { nameOf } from './sets.ts';

type Evaluation = NonNullable<Card['evaluation']>;

/** The measures of every model of the group, a row each; they fill in as the models arrive. */
export class Group {
  readonly #app: App;
  readonly #table: HTMLTableElement;
  readonly #cards = new Map<string, Card>();

  constructor(app: App, table: HTMLTableElement) {
    this.#app = app;
    this.#table = table;
  }

  /** Draws the table with what is known. */
  draw(): void {
    const { group, wanted } = this.#app;
    const known = group.flatMap((listed) => this.#cards.get(listed.name)?.evaluation ?? []);
    const sets = [...new Set(known.flatMap(({ ood = [] }) => ood.map(({ name }) => name)))];
    const heads = [
      text.model,
      `${text.error} (%)`,
      text.bitsPerDim,
      `${text.ece} (%)`,
      `${text.mce} (%)`,
      `${text.ice} (%)`,
    ];
    const scores = [text.novelty, text.typicality].flatMap((score) =>
      sets.map((set) => `${text.auroc(score, nameOf(set))} (%)`),
    );
    const head = create('tr', '', ...[...heads, ...scores].map(header));
    const rows = group.map((listed) => {
      const cells = this.#cellsOf(listed, sets);
      const name = header(listed.label);
      name.scope = 'row';
      return create('tr', listed === wanted ? 'chosen' : '', name, ...cells.map((cell) => create('td', '', cell)));
    });
    this.#table.replaceChildren(create('thead', '', head), create('tbody', '', ...rows));
  }

  /** Takes over the card of a model that has arrived. */
  know(listed: ListedModel, card: Card): void {
    this.#cards.set(listed.name, card);
    this.draw();
  }

  #cellsOf(listed: ListedModel, sets: readonly string[]): string[] {
    const card = this.#cards.get(listed.name);
    const evaluation = card?.evaluation;
    const absent = card ? text.missing : text.loading;
    const show = (value: number | undefined, format: (value: number) => string) =>
      value === undefined ? absent : format(value);
    const calibration = (name: 'ece' | 'mce' | 'ice') => show(evaluation?.calibration?.[name], text.fine);
    return [
      show(listed.error, text.fine),
      show(listed.bitsPerDim, text.fine),
      calibration('ece'),
      calibration('mce'),
      calibration('ice'),
      ...sets.map((set) => show(rowOf(evaluation, set)?.novelty?.auroc, text.percent)),
      ...sets.map((set) => show(rowOf(evaluation, set)?.typicality_auc, text.percent)),
    ];
  }
}

function rowOf(evaluation: Evaluation | undefined, set: string): OodRow | undefined {
  return evaluation?.ood?.find(({ name }) => name === set);
}

function header(words: string): HTMLTableCellElement {
  const cell = create('th', '', words);
  cell.scope = 'col';
  return cell;
}
