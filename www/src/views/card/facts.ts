import type { Model } from 'ibinn';
import { create } from '../../dom.ts';
import { card as text } from '../../strings/card.ts';
import { gamma as methodText } from '../../strings/gamma.ts';

/** Shows what a model was trained on and what was measured of it. */
export function showFacts(list: HTMLElement, { card, spec }: Model): void {
  const { training, evaluation } = card;
  const facts: Fact[] = [
    { term: text.dataset, value: text.dataSets[training.dataset] ?? training.dataset },
    { term: text.method, value: methodText.label(training.method) },
    { term: text.error, value: evaluation ? text.share(evaluation.error) : text.notEvaluated },
  ];
  if (evaluation) {
    facts.push(
      { term: text.bitsPerDim, value: text.bits(evaluation.bits_per_dim) },
      {
        term: text.bitsPerDimTables,
        value: text.bits(evaluation.bits_per_dim_tables),
        hint: text.bitsPerDimTablesHint,
      },
      { term: text.evaluated, value: text.count(evaluation.images), more: text.by(evaluation.executor) },
    );
  }
  if (training.images !== undefined && training.epochs !== undefined) {
    facts.push({ term: text.training, value: text.count(training.images), more: text.epochs(training.epochs) });
  }
  const prior = text.classPriors[spec.class_prior];
  if (prior !== undefined) {
    facts.push({ term: text.classPrior, value: prior, more: text.classPriorsHint[spec.class_prior] ?? '' });
  }
  facts.push({ term: text.parameters, value: text.count(spec.parameters), more: training.preset });
  list.replaceChildren(...facts.map(fact));
}

interface Fact {
  readonly term: string;
  readonly value: string;
  readonly more?: string;
  readonly hint?: string;
}

function fact({ term, value, more, hint }: Fact): HTMLElement {
  const group = create('div', '', create('dt', '', term), create('dd', '', value));
  if (more !== undefined) group.append(create('dd', 'more', more));
  if (hint !== undefined) group.title = hint;
  return group;
}
