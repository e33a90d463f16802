import type { Classification, Model, Novelty } from 'ibinn';
import { byId, button, element } from '../../dom.ts';
import { saveText } from '../../images/pixels.ts';
import { draw as text } from '../../strings/draw.ts';
import { verdict as words } from '../../strings/verdict.ts';
import { csv } from '../../csv.ts';
import { Bars } from './bars.ts';
import { showDetection } from './detection.ts';
import { Likelihood } from './likelihood.ts';
import { NoveltyGauge } from './noveltyGauge.ts';

/** The levels of the card's false alarms that the verdicts are given at, percent. */
const LEVELS: Record<Novelty['verdict'], number> = { ordinary: 5, unusual: 5, 'none-of-these': 1 };

/** What the model says of the image: class, whether it has seen such a thing, posterior and likelihood. */
export class Verdict {
  readonly #bars = new Bars(element('bars'));
  readonly #novelty = new NoveltyGauge(element('novelty-gauge'));
  readonly #likelihood = new Likelihood(element('likelihood'));
  #last: { readonly model: Model; readonly result: Classification } | undefined;

  constructor() {
    button('save-numbers').addEventListener('click', () => {
      if (this.#last) saveText(table(this.#last.model, this.#last.result), 'classification.csv', 'text/csv');
    });
    this.#novelty.clear();
  }

  /** Prepares for the classes of a group; what was said with the names of another is gone. */
  setClasses(classes: readonly string[]): void {
    this.#last = undefined;
    this.#bars.setClasses(classes);
    this.#novelty.clear();
    for (const id of ['prediction', 'verdict', 'alarms', 'why', 'entropy', 'bits', 'bits-more', 'words']) {
      element(id).textContent = '';
    }
    delete element('said').dataset.verdict;
  }

  /** Prepares for a model. */
  setModel(model: Model): Promise<void> {
    showDetection(byId('detection', HTMLDetailsElement), model);
    return this.#likelihood.setModel(model);
  }

  /** Shows what a model said. */
  show(model: Model, result: Classification): void {
    this.#last = { model, result };
    this.#bars.show(result);
    this.#novelty.show(result.novelty);
    this.#likelihood.show(result.bitsPerDim);
    const name = model.spec.classes[result.prediction] ?? '';
    const share = result.posterior[result.prediction] ?? 0;
    const none = result.novelty?.verdict === 'none-of-these';
    element('prediction').textContent = none ? text.ifOne(name, share) : text.verdict(name, share);
    element('posterior-title').textContent = none ? text.posteriorIfOne : text.page.posterior;
    element('bars').classList.toggle('aside', none);
    this.#showVerdict(model, result);
    element('entropy').textContent = text.undecided(result.entropy, Math.log(model.spec.classes.length));
    element('bits').textContent = text.bits(result.bitsPerDim);
    element('bits-more').textContent = text.more(result.bitsPerDimTables, result.logLikelihood);
    element('words').textContent = result.typicality
      ? text.typicality(result.typicality.shareBelow)
      : text.noEvaluation;
  }

  /** Says whether the model has seen such a thing, how often it says so of test images, and why. */
  #showVerdict(model: Model, { novelty, typicality }: Classification): void {
    const said = element('said');
    if (!novelty) {
      delete said.dataset.verdict;
      element('verdict').textContent = '';
      element('alarms').textContent = words.notFitted;
      element('why').textContent = '';
      return;
    }
    const { verdict, p, nearest, classP, allFar } = novelty;
    said.dataset.verdict = verdict;
    element('verdict').textContent = words.names[verdict];
    const measured = model.card.evaluation?.novelty?.find(({ alpha }) => alpha === LEVELS[verdict]);
    element('alarms').textContent = measured ? words.alarms(verdict, measured.alarms) : words.notMeasured;
    element('why').textContent = [
      words.count(p),
      words.why(model.spec.classes[nearest] ?? '', classP[nearest] ?? 0, allFar),
      typicality ? words.likelihood(typicality.shareBelow) : '',
    ].join(' ');
  }
}

/** The numbers as comma-separated values: first what concerns the image, then a line for each class. */
function table({ card, spec }: Model, result: Classification): string {
  const { typicality, novelty } = result;
  return csv([
    [text.table.model, card.title],
    [text.table.bits, result.bitsPerDim],
    [text.table.bitsTables, result.bitsPerDimTables],
    [text.table.logLikelihood, result.logLikelihood],
    [text.table.logDet, result.logDet],
    [text.table.entropy, result.entropy],
    [text.table.novelty, novelty?.score ?? ''],
    [text.table.noveltyP, novelty?.p ?? ''],
    [text.table.verdict, novelty?.verdict ?? ''],
    [text.table.nearest, novelty ? (spec.classes[novelty.nearest] ?? '') : ''],
    [text.table.shareBelow, typicality?.shareBelow ?? ''],
    [],
    [text.table.class, text.table.posterior, text.table.logit],
    ...spec.classes.map((name, k) => [name, result.posterior[k] ?? '', result.logits[k] ?? '']),
  ]);
}
