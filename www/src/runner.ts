import type { Adapter, Model } from 'ibinn';
import type { App } from './app.ts';
import { forgetOthers } from './models/modelCache.ts';
import { firstOf, type ListedModel } from './models/list.ts';
import { Pool } from './models/pool.ts';
import type { Problem } from './problem.ts';
import type { Store } from './store.ts';
import { gamma as text } from './strings/gamma.ts';

/** The rest of a group is fetched when the page has had this long for its first pictures. */
const PATIENCE_MS = 2500;

/** What the runner tells of itself, for the line that says what runs. */
export interface Status {
  /** A model is on its way. */
  loading(listed: ListedModel, bytes: number): void;
  /** A model runs, or what is known of what runs it has changed. */
  running(adapter: Adapter): void;
  /** Loading has failed. */
  stopped(adapter: Adapter | undefined): void;
}

/** Keeps the model running that the state names, and the rest of its group at hand. */
export class Runner implements App {
  readonly store: Store;
  readonly models: readonly ListedModel[];
  readonly fail: Problem['fail'];
  readonly resolved: Problem['resolved'];
  readonly #pool = new Pool((listed) => this.#progressed(listed));
  readonly #wantedListeners: ((wanted: ListedModel) => void)[] = [];
  readonly #modelListeners: ((model: Model) => void)[] = [];
  readonly #progressListeners: ((listed: ListedModel) => void)[] = [];
  #status: Status | undefined;
  #runs: { listed: ListedModel; model: Model } | undefined;
  #gathering = 0;
  /** Whether the model that is wanted stands in for another one: the line says what was wrong with that. */
  #standsIn = false;

  constructor(store: Store, models: readonly ListedModel[], { fail, resolved }: Problem) {
    this.store = store;
    this.models = models;
    this.fail = fail;
    this.resolved = resolved;
    store.subscribe((changed) => {
      if (changed.has('executor')) this.#leave();
      if (changed.has('model') || changed.has('executor')) this.#standsIn = false;
      if (changed.has('model')) {
        this.#missUnknown();
        for (const listener of this.#wantedListeners) listener(this.wanted);
      }
      if (changed.has('model') || changed.has('executor')) void this.#run();
    });
  }

  /** Starts, once all views listen. */
  start(status: Status): void {
    this.#status = status;
    forgetOthers(this.models).catch(() => undefined);
    this.#missUnknown();
    void this.#run();
  }

  get wanted(): ListedModel {
    const [first] = this.models;
    const named = this.models.find(({ name }) => name === this.store.state.model);
    const opening = named ?? firstOf(this.models.filter(({ group }) => group === first?.group));
    if (!opening) throw new Error('a list of models is never empty');
    return opening;
  }

  get group(): readonly ListedModel[] {
    const { group } = this.wanted;
    return this.models.filter((listed) => listed.group === group);
  }

  get model(): Model | undefined {
    // A model of another group would be shown with the names of the one that is wanted.
    return this.#runs?.listed.group === this.wanted.group ? this.#runs.model : undefined;
  }

  onWanted(listener: (wanted: ListedModel) => void): void {
    this.#wantedListeners.push(listener);
    listener(this.wanted);
  }

  onModel(listener: (model: Model) => void): void {
    this.#modelListeners.push(listener);
  }

  onProgress(listener: (listed: ListedModel) => void): void {
    this.#progressListeners.push(listener);
  }

  arrived(listed: ListedModel): number {
    // The last percent is the model's start.
    return this.#pool.ready(listed) ? 1 : Math.min(0.99, this.#pool.bytes(listed) / listed.bytes);
  }

  get(listed: ListedModel): Promise<Model> {
    return this.#pool.get(listed, this.store.state.executor);
  }

  async use(work: (model: Model) => Promise<void>): Promise<boolean> {
    const { model } = this;
    if (!model) return false;
    try {
      await work(model);
      return true;
    } catch (problem) {
      if (model !== this.model) return false;
      this.fail(problem);
      if (model.ended) {
        this.#runs = undefined;
        this.#status?.stopped(undefined);
      }
      return false;
    } finally {
      // A lost GPU that was rebuilt, or given up, has something to say, unless the line tells of a model on its way.
      if (model === this.model && this.#runs?.listed === this.wanted) this.#status?.running(model.adapter);
    }
  }

  /** Says so when an address names a model that is not there. */
  #missUnknown(): void {
    const { model } = this.store.state;
    if (model === '' || this.wanted.name === model) return;
    this.fail(new Error(text.unknown(model)));
    this.#standsIn = true;
  }

  #leave(): void {
    this.#runs = undefined;
    this.#pool.close();
  }

  async #run(): Promise<void> {
    const { wanted, store } = this;
    const { executor } = store.state;
    const group = new Set(this.group.map(({ name }) => name));
    this.#gathering++;
    // What runs goes on until the new model is there.
    this.#pool.close((name) => group.has(name) || name === this.#runs?.listed.name);
    const current = () => this.wanted === wanted && store.state.executor === executor;
    try {
      if (!this.#pool.ready(wanted)) this.#status?.loading(wanted, this.#pool.bytes(wanted));
      const model = await this.get(wanted);
      if (!current()) return;
      this.#runs = { listed: wanted, model };
      this.#pool.close((name) => group.has(name));
      this.#status?.running(model.adapter);
      if (!this.#standsIn) this.resolved();
      for (const listener of this.#modelListeners) listener(model);
      void this.#gather();
    } catch (problem) {
      if (!current()) return;
      this.#status?.stopped(this.#runs?.model.adapter);
      this.fail(problem);
      // The page goes back to what runs; where nothing does, it is still good for something without the GPU.
      if (this.#runs) store.set({ model: this.#runs.listed.name });
      else if (executor === 'gpu') store.set({ executor: 'auto' });
      this.#standsIn = true;
    }
  }

  /** Fetches the rest of the group one by one, the nearest first, unless the visitor pays for every byte. */
  async #gather(): Promise<void> {
    const turn = ++this.#gathering;
    if (savesData()) return;
    await new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
    const { group, wanted } = this;
    const place = group.indexOf(wanted);
    const others = group.filter((listed) => !this.#pool.ready(listed));
    others.sort((a, b) => Math.abs(group.indexOf(a) - place) - Math.abs(group.indexOf(b) - place));
    for (const listed of others) {
      if (turn !== this.#gathering) return;
      // Whoever turns the dial to it is told what is wrong.
      await this.get(listed).catch(() => undefined);
    }
  }

  #progressed(listed: ListedModel): void {
    if (listed === this.wanted && !this.#pool.ready(listed)) this.#status?.loading(listed, this.#pool.bytes(listed));
    for (const listener of this.#progressListeners) listener(listed);
  }
}

/** Whether the visitor has asked for few bytes, where the browser tells. */
function savesData(): boolean {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  return connection?.saveData === true;
}
