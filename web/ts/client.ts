import { IbinnError } from './error.js';
import { Line } from './line.js';
import type { Calls, Reply } from './protocol.js';
import type { Adapter } from './types.js';

/** The line to the worker that runs one model. */
export class Client extends Line<Calls, Reply> {
  #adapter: Adapter | undefined;

  /** Starts a worker, which begins to compile the wasm. */
  constructor() {
    super(new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'ibinn' }), 'engine');
  }

  /** What runs the model, as of the last answer. */
  get adapter(): Adapter {
    if (this.#adapter === undefined) {
      throw new IbinnError('no model is loaded');
    }
    return this.#adapter;
  }

  protected override given({ adapter }: Extract<Reply, { kind: 'given' }>): void {
    this.#adapter = adapter;
  }
}
