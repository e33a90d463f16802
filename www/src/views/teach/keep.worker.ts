// Keeps values in this browser, one for each name: a database takes its time to copy some megabytes.

/** What is asked for. Without a value, one that was kept is asked for. */
export type Request =
  | { readonly id: number; readonly database: string; readonly name: string; readonly does: 'get' | 'delete' }
  | {
      readonly id: number;
      readonly database: string;
      readonly name: string;
      readonly does: 'put';
      readonly value: unknown;
    };

/** What was kept; undefined where there is nothing, or nothing can be kept. */
export interface Answer {
  readonly id: number;
  readonly value: unknown;
}

const STORE = 'kept';

let opened: Promise<IDBDatabase | undefined> | undefined;
let last: Promise<void> = Promise.resolve();

addEventListener('message', ({ data }: MessageEvent<Request>) => {
  // In the order in which it was asked.
  last = last.then(async () => postMessage({ id: data.id, value: await answer(data) } satisfies Answer));
});

async function answer(request: Request): Promise<unknown> {
  opened ??= open(request.database);
  const database = await opened;
  if (!database) return undefined;
  return new Promise((resolve) => {
    try {
      const transaction = database.transaction(STORE, request.does === 'get' ? 'readonly' : 'readwrite');
      const asked = ask(transaction.objectStore(STORE), request);
      transaction.oncomplete = () => resolve(request.does === 'get' ? asked.result : undefined);
      transaction.onabort = transaction.onerror = () => resolve(undefined);
    } catch {
      resolve(undefined);
    }
  });
}

function ask(store: IDBObjectStore, request: Request): IDBRequest {
  switch (request.does) {
    case 'get':
      return store.get(request.name);
    case 'delete':
      return store.delete(request.name);
    case 'put':
      return store.put(request.value, request.name);
  }
}

function open(name: string): Promise<IDBDatabase | undefined> {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE);
      request.onsuccess = () => resolve(request.result);
      request.onerror = request.onblocked = () => resolve(undefined);
    } catch {
      resolve(undefined);
    }
  });
}
