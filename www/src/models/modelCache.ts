import { frame as text } from '../strings/frame.ts';
import type { ListedModel } from './list.ts';

/**
 * A model's file, from what this browser kept or from the network; what comes from the network is kept, so that it is
 * there without a network next time.
 *
 * Rejects with one sentence when it is in neither, and with the signal's reason when that aborts.
 */
export async function fetchModel(listed: ListedModel, signal: AbortSignal): Promise<Response> {
  const { file, title } = listed;
  if (file instanceof Blob) return new Response(file);
  const kept = await store();
  const found = await kept?.match(file);
  if (found) return found;
  const response = await fetch(file, { signal }).catch(() => {
    signal.throwIfAborted();
    throw new Error(text.notKept(title, navigator.onLine));
  });
  if (!response.ok) throw new Error(text.notThere(title, response.status));
  // A browser that is short of room may refuse, and the page does without.
  kept?.put(file, response.clone()).catch(() => undefined);
  return response;
}

/** Forgets the files of models that are no longer offered, or whose content has changed. */
export async function forgetOthers(models: readonly ListedModel[]): Promise<void> {
  const kept = await store();
  const offered = new Set(models.flatMap(({ file }) => (file instanceof URL ? file.href : [])));
  const stale = ((await kept?.keys()) ?? []).filter(({ url }) => !offered.has(url));
  await Promise.all(stale.map((request) => kept?.delete(request)));
}

/** The place where files are kept, one for each address that the page is found under; none where the page is insecure. */
async function store(): Promise<Cache | undefined> {
  if (!('caches' in globalThis)) return undefined;
  return caches.open(`ibinn-models ${new URL('.', document.baseURI).pathname}`).catch(() => undefined);
}
