import { IbinnError } from './error.js';
import type { CallName, Calls, Reply, Request } from './protocol.js';
import type { Adapter } from './types.js';

interface Pending {
  resolve: (gives: never) => void;
  reject: (reason: unknown) => void;
}

/** The module's end of the line to its worker. */
export class Client {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #calls = 0;
  #ended: { reason: unknown } | undefined;
  #adapter: Adapter | undefined;

  /** Starts a worker, which begins to compile the wasm. */
  constructor() {
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'ibinn' });
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => this.#take(data);
    this.#worker.onerror = (event) => {
      // Without a message it was never there: its script could not be fetched, or the page's policy forbids it.
      const what = event.message ? `failed: ${event.message}` : 'could not be loaded';
      this.end(new IbinnError(`the engine's worker ${what}`));
    };
  }

  /** What runs the model, as of the last answer. */
  get adapter(): Adapter {
    if (this.#adapter === undefined) {
      throw new IbinnError('no model is loaded');
    }
    return this.#adapter;
  }

  /**
   * Makes one call; buffers in `transfer` are handed over instead of copied.
   *
   * Rejects with an `IbinnError` when the worker refuses, and with the reason of `end` when it was ended.
   */
  call<Name extends CallName>(
    name: Name,
    takes: Calls[Name]['takes'],
    transfer: Transferable[] = [],
  ): Promise<Calls[Name]['gives']> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended.reason);
        return;
      }
      const id = this.#calls++;
      const request = { id, name, takes } as Request;
      this.#worker.postMessage(request, transfer);
      this.#pending.set(id, { resolve, reject });
    });
  }

  /** Ends the worker; calls that wait for it, and all later ones, reject with `reason`. */
  end(reason: unknown): void {
    if (this.#ended !== undefined) {
      return;
    }
    this.#ended = { reason };
    this.#worker.terminate();
    for (const { reject } of this.#pending.values()) {
      reject(reason);
    }
    this.#pending.clear();
  }

  #take(reply: Reply): void {
    if (reply.kind === 'stopped') {
      this.end(new IbinnError(reply.sentence));
      return;
    }
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (reply.kind === 'refused') {
      pending?.reject(new IbinnError(reply.sentence));
    } else {
      this.#adapter = reply.adapter;
      pending?.resolve(reply.gives as never);
    }
  }
}
