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
}

const STORE = 'kept';

/**
 * A place in this browser where the teaching is kept, one for each address that the page is found under. A browser that has
 * none, or no room, is done without: nothing is kept there.
 */
export class Keep {
  #database: Promise<IDBDatabase | undefined> | undefined;

  /** What was kept under a name; undefined when there is nothing. */
  async get<T>(name: 'set' | 'course'): Promise<T | undefined> {
    return (await this.#do('readonly', (store) => store.get(name))) as T | undefined;
  }

  /** Keeps a value under a name; undefined forgets it. */
  async put(name: 'set' | 'course', value: Kept | KeptCourse | undefined): Promise<void> {
    await this.#do('readwrite', (store) => (value === undefined ? store.delete(name) : store.put(value, name)));
  }

  async #do(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest): Promise<unknown> {
    this.#database ??= open();
    const database = await this.#database;
    if (!database) return undefined;
    return new Promise((resolve) => {
      try {
        const transaction = database.transaction(STORE, mode);
        const request = work(transaction.objectStore(STORE));
        transaction.oncomplete = () => resolve(request.result);
        transaction.onabort = transaction.onerror = () => resolve(undefined);
      } catch {
        resolve(undefined);
      }
    });
  }
}

function open(): Promise<IDBDatabase | undefined> {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.open(`ibinn-teach ${new URL('.', document.baseURI).pathname}`, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE);
      request.onsuccess = () => resolve(request.result);
      request.onerror = request.onblocked = () => resolve(undefined);
    } catch {
      resolve(undefined);
    }
  });
}
