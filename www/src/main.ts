import type { Model } from 'ibinn';
import type { App } from './app.ts';
import { mountProblem } from './problem.ts';
import { Store } from './store.ts';
import { mountClassify } from './views/classify.ts';
import { mountInterpolate } from './views/interpolate.ts';
import { mountModel, showNotice } from './views/model.ts';
import { mountSample } from './views/sample.ts';

const fail = mountProblem();
const listeners: ((model: Model) => void)[] = [];
let running: Model | undefined;

const app: App = {
  store: new Store(),
  get model() {
    return running;
  },
  onModel: (listener) => listeners.push(listener),
  async use(work) {
    const model = running;
    if (!model) return false;
    try {
      await work(model);
      return true;
    } catch (problem) {
      if (model === running) fail(problem);
      return false;
    } finally {
      // A lost GPU that was rebuilt, or given up, has something to say.
      if (model === running) showNotice(model.adapter);
    }
  },
  fail,
};

mountSample(app);
mountClassify(app);
mountInterpolate(app);
mountModel(app, (model) => {
  running?.close();
  running = model;
  for (const listener of listeners) listener(model);
}).catch(fail);
