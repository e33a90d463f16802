import type { Classification, Model } from 'ibinn';
import { button, element } from '../../dom.ts';
import { saveText } from '../../images/pixels.ts';
import { draw as text } from '../../strings/draw.ts';
import { Bars } from './bars.ts';
import { Likelihood } from './likelihood.ts';

/** What the model says of the image: class, posterior, likelihood and how typical it is. */
export class Verdict {
  readonly #bars = new Bars(element('bars'));
  readonly #likelihood = new Likelihood(element('likelihood'));
  #last: { readonly model: Model; readonly result: Classification } | undefined;

  constructor() {
    button('save-numbers').addEventListener('click', () => {
      if (this.#last) saveText(table(this.#last.model, this.#last.result), 'classification.csv', 'text/csv');
    });
  }

  /** Prepares for the classes of a group; what was said with the names of another is gone. */
  setClasses(classes: readonly string[]): void {
    this.#last = undefined;
    this.#bars.setClasses(classes);
    for (const id of ['verdict', 'entropy', 'bits', 'bits-more', 'words']) element(id).textContent = '';
  }

  /** Prepares for a model. */
  setModel(model: Model): Promise<void> {
    return this.#likelihood.setModel(model);
  }

  /** Shows what a model said. */
  show(model: Model, result: Classification): void {
    this.#last = { model, result };
    this.#bars.show(result);
    this.#likelihood.show(result.bitsPerDim);
    const name = model.spec.classes[result.prediction] ?? '';
    const share = result.posterior[result.prediction] ?? 0;
    element('verdict').textContent = text.verdict(name, share);
    element('entropy').textContent = text.undecided(result.entropy, Math.log(model.spec.classes.length));
    element('bits').textContent = text.bits(result.bitsPerDim);
    element('bits-more').textContent = text.more(result.bitsPerDimTables, result.logLikelihood);
    const { typicality } = result;
    element('words').textContent = typicality
      ? text.typicality(typicality.shareBelow, typicality.shareMoreTypical)
      : text.noEvaluation;
    element('words').classList.toggle('strange', typicality !== null && text.isStrange(typicality.shareBelow));
  }
}

/** The numbers as comma-separated values: first what concerns the image, then a line for each class. */
function table({ card, spec }: Model, result: Classification): string {
  const { typicality } = result;
  const lines = [
    [text.table.model, card.title],
    [text.table.bits, result.bitsPerDim],
    [text.table.bitsTables, result.bitsPerDimTables],
    [text.table.logLikelihood, result.logLikelihood],
    [text.table.logDet, result.logDet],
    [text.table.entropy, result.entropy],
    [text.table.shareBelow, typicality?.shareBelow ?? ''],
    [],
    [text.table.class, text.table.posterior, text.table.logit],
    ...spec.classes.map((name, k) => [name, result.posterior[k] ?? '', result.logits[k] ?? '']),
  ];
  return lines.map((cells) => cells.map(cell).join(',')).join('\r\n') + '\r\n';
}

function cell(value: string | number): string {
  const written = String(value);
  return /[",\n]/.test(written) ? `"${written.replaceAll('"', '""')}"` : written;
}
