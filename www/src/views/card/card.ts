import type { ExecutorChoice } from 'ibinn';
import type { App } from '../../app.ts';
import { choice, element } from '../../dom.ts';
import { card as text } from '../../strings/card.ts';
import { hasWebGpu } from '../gamma/status.ts';
import { showFacts } from './facts.ts';

const EXECUTORS: readonly ExecutorChoice[] = ['auto', 'gpu', 'cpu'];

/** The model card, and the choice of what runs the model. */
export function mountCard(app: App): void {
  const { store } = app;
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
  app.onModel((model) => showFacts(element('facts'), model));
}
