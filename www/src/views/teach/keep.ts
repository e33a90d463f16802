import type { Answer, Request } from './keep.worker.ts';
import type { Kind } from './set.ts';

/** What is kept of the visitor's teaching from visit to visit. */
export interface Kept {
  readonly kind: Kind;
  readonly classes: readonly { readonly name: string; readonly pictures: readonly Uint8Array[] }[];
}

/** What is kept of the training. */
export interface KeptCourse {
  /** By which classes it was begun. */
  readonly key: string;
  readonly checkpoint: Uint8Array;
  /** The model file of what has been learnt. */
  readonly model: Uint8Array;
  /** Which classes are taken for each other by it: `Learnt.confusion`. */
  readonly confusion: readonly (readonly number[])[];
}

/**
 * A place in this browser where the teaching is kept, one for each address that the page is found under. A browser that has
 * none, or no room, is done without: nothing is kept there.
 */
export class Keep {
  readonly #database = `ibinn-teach ${new URL('.', document.baseURI).pathname}`;
  readonly #waiting = new Map<number, (value: unknown) => void>();
  #worker: Worker | undefined;
  #asked = 0;
  #broken = false;

  /** What was kept under a name; undefined when there is nothing. */
  async get<T>(name: 'set' | 'course'): Promise<T | undefined> {
    return (await this.#ask({ ...this.#next(name), does: 'get' })) as T | undefined;
  }

  /** Keeps the pictures. */
  async putSet(value: Kept): Promise<void> {
    await this.#ask({ ...this.#next('set'), does: 'put', value });
  }

  /** Keeps the training, whose checkpoint is handed over; nothing forgets what was kept. */
  async putCourse(value: KeptCourse | undefined): Promise<void> {
    if (value === undefined) await this.#ask({ ...this.#next('course'), does: 'delete' });
    else await this.#ask({ ...this.#next('course'), does: 'put', value }, [value.checkpoint.buffer as ArrayBuffer]);
  }

  #next(name: 'set' | 'course') {
    return { id: ++this.#asked, database: this.#database, name };
  }

  #ask(request: Request, transfer: Transferable[] = []): Promise<unknown> {
    if (this.#broken) return Promise.resolve(undefined);
    this.#worker ??= this.#start();
    const worker = this.#worker;
    return new Promise((resolve) => {
      this.#waiting.set(request.id, resolve);
      worker.postMessage(request, transfer);
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./keep.worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      this.#waiting.get(data.id)?.(data.value);
      this.#waiting.delete(data.id);
    };
    // Where it cannot be started, nothing is kept.
    worker.onerror = () => {
      this.#broken = true;
      for (const answer of this.#waiting.values()) answer(undefined);
      this.#waiting.clear();
    };
    return worker;
  }
}
