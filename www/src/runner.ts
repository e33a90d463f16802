import type { Adapter, Model } from 'ibinn';
import type { App } from './app.ts';
import { forgetOthers } from './models/modelCache.ts';
import { firstOf, type ListedModel, listOwn, ownFile, withOwn } from './models/list.ts';
import { open, Pool } from './models/pool.ts';
import type { Problem } from './problem.ts';
import type { Store } from './store.ts';
import { sentence } from './strings/format.ts';
import { frame } from './strings/frame.ts';
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
  models: readonly ListedModel[];
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
  /** Models that could not be loaded since the visitor last chose one. */
  readonly #failed = new Set<ListedModel>();

  constructor(store: Store, models: readonly ListedModel[], { fail, resolved }: Problem) {
    this.store = store;
    this.models = models;
    this.fail = fail;
    this.resolved = resolved;
    store.subscribe((changed) => {
      if (changed.has('executor')) this.#leave();
      if (!changed.has('model') && !changed.has('executor')) return;
      this.#standsIn = false;
      this.#failed.clear();
      if (changed.has('model')) this.#want();
      void this.#run();
    });
  }

  /** Lists the model of an address of this site before all others, so that the page opens with it. */
  async openFirst(address: URL): Promise<void> {
    const name = decodeURIComponent(address.pathname.split('/').at(-1) ?? '');
    try {
      if (address.origin !== location.origin) throw new Error(text.foreign(address.href));
      const response = await fetch(address);
      if (!response.ok) throw new Error(text.notFound(address.pathname, response.status));
      const own = await this.#add(await response.blob(), name);
      this.models = [own, ...this.models.filter((listed) => listed !== own)];
    } catch (problem) {
      this.fail(problem);
      this.#standsIn = true;
    }
  }

  async openFiles(files: readonly File[]): Promise<boolean> {
    const opened: ListedModel[] = [];
    for (const file of files) {
      try {
        opened.push(await this.#add(file, file.name));
      } catch (problem) {
        this.fail(problem);
      }
    }
    const [first] = opened;
    if (!first) return false;
    if (opened.length === files.length) this.resolved();
    const named = this.store.state.model;
    if (opened.some(({ name }) => name === named)) {
      // What the address names is there now, or another file of its name.
      this.#standsIn = false;
      this.#leaveRun();
      this.#want();
      void this.#run();
    } else this.store.turnTo((firstOf(opened) ?? first).name);
    return true;
  }

  /** Starts, once all views listen. */
  start(status: Status): void {
    this.#status = status;
    forgetOthers(this.models).catch(() => undefined);
    if (this.#missing()) this.#missUnknown();
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

  /** Tells everybody which model is wanted now. */
  #want(): void {
    if (this.#missing()) this.#missUnknown();
    for (const listener of this.#wantedListeners) listener(this.wanted);
  }

  /** Whether the address names a model that is not there. */
  #missing(): boolean {
    const { model } = this.store.state;
    return model !== '' && this.wanted.name !== model;
  }

  #missUnknown(): void {
    const { model } = this.store.state;
    const file = ownFile(model);
    this.fail(new Error(file === undefined ? text.unknown(model) : text.needsFile(file)));
    this.#standsIn = true;
  }

  /** Opens a file and lists its model. */
  async #add(file: Blob, name: string): Promise<ListedModel> {
    const model = await open(file, name, this.store.state.executor);
    const { own, models } = withOwn(listOwn(model, name, file, this.models), this.models);
    this.models = models;
    this.#pool.adopt(own, model);
    return own;
  }

  #leaveRun(): void {
    this.#runs = undefined;
  }

  #leave(): void {
    this.#leaveRun();
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
      this.#standIn(wanted, problem);
    }
  }

  /** What the page does when a model cannot be loaded: it is still good for something with another. */
  #standIn(wanted: ListedModel, problem: unknown): void {
    const { store } = this;
    const failed = new Set(this.#failed).add(wanted);
    if (this.#runs) store.set({ model: this.#runs.listed.name });
    else if (store.state.executor === 'gpu') store.set({ executor: 'auto' });
    else {
      const next = nearestTo(wanted, this.group).find((listed) => !failed.has(listed));
      if (!next) return;
      store.set({ model: next.name });
      const why = sentence(problem instanceof Error ? problem.message : String(problem));
      this.fail(new Error(frame.standsIn(why, next.title)));
      for (const listed of failed) this.#failed.add(listed);
    }
    this.#standsIn = true;
  }

  /** Fetches the rest of the group one by one, the nearest first, unless the visitor pays for every byte. */
  async #gather(): Promise<void> {
    const turn = ++this.#gathering;
    if (savesData()) return;
    await new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
    const others = nearestTo(this.wanted, this.group).filter((listed) => !this.#pool.ready(listed));
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

/** A group, the nearest of a model on the dial first. */
function nearestTo(wanted: ListedModel, group: readonly ListedModel[]): ListedModel[] {
  const far = (listed: ListedModel) => Math.abs(group.indexOf(listed) - group.indexOf(wanted));
  return [...group].sort((a, b) => far(a) - far(b));
}

/** Whether the visitor has asked for few bytes, where the browser tells. */
function savesData(): boolean {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  return connection?.saveData === true;
}
