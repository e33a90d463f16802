import type { ExecutorChoice } from 'ibinn';
import type { App } from '../../app.ts';
import { byId, choice, element } from '../../dom.ts';
import { card as text } from '../../strings/card.ts';
import { hasWebGpu } from '../gamma/status.ts';
import { showConfusion } from './confusion.ts';
import { drawCurve } from './curve.ts';
import { showFacts } from './facts.ts';
import { Group } from './group.ts';
import { showNovelty } from './novelty.ts';
import { drawSets } from './sets.ts';

const EXECUTORS: readonly ExecutorChoice[] = ['auto', 'gpu', 'cpu'];

/** The model card, its group beside it, and the choice of what runs the model. */
export function mountCard(app: App): void {
  const { store } = app;
  const group = new Group(app, byId('group', HTMLTableElement));
  const radios = EXECUTORS.map((executor) => {
    const { label, radio } = choice('executor', executor, text.executors[executor]);
    radio.disabled = executor === 'gpu' && !hasWebGpu();
    radio.addEventListener('change', () => store.set({ executor }));
    element('executors').append(label);
    return radio;
  });
  const check = () => radios.forEach((radio) => (radio.checked = radio.value === store.state.executor));
  store.subscribe((changed) => changed.has('executor') && check());
  check();
  app.onWanted(() => group.draw());
  app.onProgress((listed) => {
    if (app.arrived(listed) < 1) return;
    app.get(listed).then(
      ({ card }) => group.know(listed, card),
      () => undefined,
    );
  });
  app.onModel((model) => {
    const { evaluation } = model.card;
    showFacts(element('facts'), model);
    drawCurve(element('curve'), evaluation?.calibration);
    drawSets(element('sets'), evaluation?.ood ?? []);
    showNovelty(element('novelty-tables'), model);
    showConfusion(element('confusion'), model.card.evaluation?.confusion, model.spec.classes);
  });
}
