import type { Classification, Model } from 'ibinn';
import { element } from '../../dom.ts';
import { teach as text } from '../../strings/teach.ts';
import { Bars } from '../draw/bars.ts';

/** What is said of the picture on the easel: its class, and whether it is like those that were taught. */
export class Said {
  readonly #bars = new Bars(element('teach-bars'));
  #classes = '';

  /** Nothing is known, or nothing is there to be looked at. */
  clear(model: Model | undefined): void {
    this.#setClasses(model?.spec.classes ?? []);
    element('teach-bars').hidden = true;
    element('teach-prediction').textContent = '';
    element('teach-verdict').textContent = '';
    element('teach-p').textContent = model ? '' : text.nothingYet;
    delete element('teach-said').dataset.verdict;
  }

  /** Shows what a model says. */
  show({ spec }: Model, result: Classification): void {
    this.#setClasses(spec.classes);
    this.#bars.show(result);
    element('teach-bars').hidden = false;
    const { novelty, prediction, posterior } = result;
    const name = spec.classes[prediction] ?? '';
    const none = novelty?.verdict === 'none-of-these';
    element('teach-prediction').textContent = none ? text.ifOne(name) : text.sees(name, posterior[prediction] ?? 0);
    element('teach-verdict').textContent = novelty ? text.verdicts[novelty.verdict] : '';
    element('teach-p').textContent = novelty ? text.p(novelty.p) : '';
    element('teach-bars').classList.toggle('aside', none);
    const said = element('teach-said');
    if (novelty) said.dataset.verdict = novelty.verdict;
    else delete said.dataset.verdict;
  }

  #setClasses(classes: readonly string[]): void {
    const names = classes.join('\n');
    if (names === this.#classes) return;
    this.#classes = names;
    this.#bars.setClasses(classes);
  }
}
