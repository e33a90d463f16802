import type { Model } from 'ibinn';
import type { Store } from './store.ts';

/** What the views share. */
export interface App {
  readonly store: Store;
  /** The model that runs; undefined until one has loaded. */
  readonly model: Model | undefined;
  /** Calls the listener for each model that has loaded, before anything is drawn with it. */
  onModel(listener: (model: Model) => void): void;
  /**
   * Does some work with the model that runs, and shows it when that fails; false then, and when there is no model.
   * The problems of a model that has been closed meanwhile are past and shown to nobody.
   */
  use(work: (model: Model) => Promise<void>): Promise<boolean>;
  /** Shows a problem as one sentence. */
  fail(problem: unknown): void;
}
