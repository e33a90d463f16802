import type { Model } from 'ibinn';
import type { ListedModel } from './models/list.ts';
import type { Problem } from './problem.ts';
import type { Store } from './store.ts';

/** What the views share. */
export interface App extends Problem {
  readonly store: Store;
  /** All models that the site offers, and those that the visitor opened. */
  readonly models: readonly ListedModel[];
  /**
   * Opens model files of the visitor's own and turns to the first of them; false when none could be opened, which is told
   * as a problem.
   */
  openFiles(files: readonly File[]): Promise<boolean>;
  /** The model that is chosen; it may be on its way still. */
  readonly wanted: ListedModel;
  /** The models that differ from it in their method only, itself among them. */
  readonly group: readonly ListedModel[];
  /** The model that runs; undefined until one of the group that is chosen has loaded. */
  readonly model: Model | undefined;
  /** Calls the listener now and whenever another model is chosen. */
  onWanted(listener: (wanted: ListedModel) => void): void;
  /** Calls the listener for each model that begins to run, before anything is drawn with it. */
  onModel(listener: (model: Model) => void): void;
  /** Calls the listener whenever more of a model has arrived. */
  onProgress(listener: (listed: ListedModel) => void): void;
  /** The share of a model that has arrived, from 0 to 1; 1 when it is ready to work. */
  arrived(listed: ListedModel): number;
  /** Any model of the group, loaded if it is not yet there. */
  get(listed: ListedModel): Promise<Model>;
  /**
   * Does some work with the model that runs, and shows it when that fails; false then, and when there is no model.
   * The problems of a model that has been left meanwhile are past and shown to nobody.
   */
  use(work: (model: Model) => Promise<void>): Promise<boolean>;
}
