import { type ExecutorChoice, load, type Model } from 'ibinn';
import { fetchModel } from './modelCache.ts';
import type { ListedModel } from './list.ts';

/** A group's models work side by side in rows of γ; with more workers each they would only hold more memory. */
const WORKERS = 2;

interface Entry {
  readonly loading: Promise<Model>;
  readonly abort: AbortController;
  /** Bytes that have arrived. */
  bytes: number;
  model: Model | undefined;
}

/** The models that are loaded or on their way. Each runs in workers of its own, so several can work at once. */
export class Pool {
  readonly #entries = new Map<string, Entry>();
  readonly #progressed: (listed: ListedModel) => void;

  /** Calls `progressed` whenever something is known of a model that is on its way. */
  constructor(progressed: (listed: ListedModel) => void) {
    this.#progressed = progressed;
  }

  /**
   * The model, loaded if it is not yet there.
   *
   * Rejects with one sentence when it cannot be loaded; the next call tries again.
   */
  get(listed: ListedModel, executor: ExecutorChoice): Promise<Model> {
    const known = this.#entry(listed);
    if (known) return known.loading;
    const abort = new AbortController();
    const entry: Entry = { loading: this.#load(listed, executor, abort.signal), abort, bytes: 0, model: undefined };
    this.#entries.set(listed.name, entry);
    entry.loading.then(
      (model) => {
        entry.model = model;
        this.#progressed(listed);
      },
      () => {
        if (this.#entries.get(listed.name) === entry) this.#entries.delete(listed.name);
      },
    );
    return entry.loading;
  }

  /** Takes in a model that was loaded already, in place of one of its name. */
  adopt(listed: ListedModel, model: Model): void {
    this.close((name) => name !== listed.name);
    const entry = { loading: Promise.resolve(model), abort: new AbortController(), bytes: listed.bytes, model };
    this.#entries.set(listed.name, entry);
    this.#progressed(listed);
  }

  /** The model, if it is there. */
  ready(listed: ListedModel): Model | undefined {
    return this.#entry(listed)?.model;
  }

  /** Bytes of the model that have arrived. */
  bytes(listed: ListedModel): number {
    return this.#entry(listed)?.bytes ?? 0;
  }

  /** Ends all models but those that `stay`. */
  close(stay: (name: string) => boolean = () => false): void {
    for (const [name, { abort, model }] of this.#entries) {
      if (stay(name)) continue;
      this.#entries.delete(name);
      abort.abort();
      model?.close();
    }
  }

  /** What is known of a model, unless its engine has stopped: such a one has to be loaded anew. */
  #entry(listed: ListedModel): Entry | undefined {
    const entry = this.#entries.get(listed.name);
    if (entry?.model?.ended) this.#entries.delete(listed.name);
    return this.#entries.get(listed.name);
  }

  async #load(listed: ListedModel, executor: ExecutorChoice, signal: AbortSignal): Promise<Model> {
    const response = await fetchModel(listed, signal);
    const onProgress = (bytes: number) => {
      const entry = this.#entries.get(listed.name);
      if (!entry || signal.aborted) return;
      entry.bytes = bytes;
      this.#progressed(listed);
    };
    return load(response, { executor, workers: WORKERS, signal, onProgress, name: listed.title });
  }
}

/**
 * A model from a file that the visitor opened, or from an address.
 *
 * Rejects with one sentence that names the file.
 */
export function open(source: Blob, name: string, executor: ExecutorChoice): Promise<Model> {
  return load(new Response(source), { executor, workers: WORKERS, name: `“${name}”` });
}
