import { type Adapter, type ExecutorChoice, load, type Model } from 'ibinn';
import type { App } from '../app.ts';
import { byId, choice, element } from '../dom.ts';
import { listModels } from '../models.ts';
import { model as text, sentence } from '../strings.ts';
import { showCard } from './card.ts';

const EXECUTORS: readonly ExecutorChoice[] = ['auto', 'gpu', 'cpu'];

/** The choice of model and executor; calls `loaded` for each model that is ready. */
export async function mountModel(app: App, loaded: (model: Model) => void): Promise<void> {
  const progress = byId('progress', HTMLProgressElement);
  const models = await listModels();
  const chosen = () => models.find(({ name }) => name === app.store.state.model) ?? models[0];
  let loading: AbortController | undefined;

  const start = async () => {
    loading?.abort();
    const controller = (loading = new AbortController());
    const { signal } = controller;
    const listed = chosen();
    if (!listed) return;
    const { executor } = app.store.state;
    say(text.loading(listed.title));
    progress.value = 0;
    progress.classList.add('busy');
    const onProgress = (bytes: number, total: number | undefined) => {
      if (signal.aborted) return;
      const done = total !== undefined && bytes >= total;
      say(done ? text.starting : `${text.loading(listed.title)} ${text.loaded(bytes, total)}`);
      if (total) progress.value = bytes / total;
    };
    try {
      const model = await load(listed.address, { executor, onProgress, signal });
      if (signal.aborted) return model.close();
      loaded(model);
      showCard(element('card'), model);
      say(adapterText(model.adapter));
      showNotice(model.adapter);
    } catch (problem) {
      if (signal.aborted) return;
      say(app.model ? adapterText(app.model.adapter) : '');
      app.fail(problem);
      // Without the GPU that was asked for, the page is still good for something.
      if (executor === 'gpu') app.store.set({ executor: 'auto' });
    } finally {
      if (controller === loading) progress.classList.remove('busy');
    }
  };

  const modelRadios = models.map(({ name, title }) => {
    const { label, radio } = choice('model', name, title);
    radio.addEventListener('change', () => app.store.set({ model: name }));
    element('models').append(label);
    return radio;
  });
  const executorRadios = EXECUTORS.map((executor) => {
    const { label, radio } = choice('executor', executor, text.executors[executor]);
    radio.disabled = executor === 'gpu' && !hasWebGpu();
    radio.addEventListener('change', () => app.store.set({ executor }));
    element('executors').append(label);
    return radio;
  });
  const check = () => {
    modelRadios.forEach((radio) => (radio.checked = radio.value === chosen()?.name));
    executorRadios.forEach((radio) => (radio.checked = radio.value === app.store.state.executor));
  };
  app.store.subscribe((changed) => {
    if (!changed.has('model') && !changed.has('executor')) return;
    check();
    void start();
  });
  check();
  const { model } = app.store.state;
  if (model !== '' && chosen()?.name !== model) app.fail(new Error(text.unknown(model)));
  await start();
}

/** Shows what there is to know about what runs the model. */
export function showNotice(adapter: Adapter): void {
  const notice = element('notice');
  const words = sentence(adapter.notice ?? (hasWebGpu() ? (adapter.software ? text.software : '') : text.noWebGpu));
  // Set only when it changed, since each time is read out.
  if (notice.textContent !== words) notice.textContent = words;
}

function adapterText(adapter: Adapter): string {
  return adapter.executor === 'cpu' ? text.onCpu : text.onGpu(adapter.name, adapter.backend);
}

function say(words: string): void {
  element('adapter').textContent = words;
}

function hasWebGpu(): boolean {
  return 'gpu' in navigator && navigator.gpu !== undefined;
}

