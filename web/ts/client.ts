import { IbinnError } from './error.js';
import { Rpc } from './rpc.js';
import type { Calls, Reply } from './protocol.js';
import type { Adapter } from './types.js';

/** The line to the worker that runs one model. */
export class Client extends Rpc<Calls, Reply> {
  #adapter: Adapter | undefined;
  #lastMs = 0;
  /** Told when the line has ended, and why. */
  onEnd: ((reason: unknown) => void) | undefined;

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

  /** What the last call took in the worker, in ms. */
  get lastMs(): number {
    return this.#lastMs;
  }

  protected override given({ adapter, ms }: Extract<Reply, { kind: 'given' }>): void {
    this.#adapter = adapter;
    this.#lastMs = ms;
  }

  protected override ended(reason: unknown): void {
    this.onEnd?.(reason);
  }
}
