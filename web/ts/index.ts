/**
 * Runs ibinn models in the browser: on WebGPU, or on the CPU where there is none.
 *
 * @packageDocumentation
 */

import { Client } from './client.js';
import { WorkerPool, mostWorkers } from './worker_pool.js';
import { download } from './download.js';
import { IbinnError } from './error.js';
import { LoadedModel } from './model.js';
import type { LoadOptions, Model } from './types.js';

export * from './course.js';
export { IbinnError } from './error.js';
export * from './images.js';
export * from './plane.js';
export type * from './types.js';

/**
 * Loads a model from an address, from a response that was fetched already, or from the bytes of a model file, into a
 * worker of its own.
 *
 * Rejects with an `IbinnError`, whose message is one sentence, when the file cannot be fetched, is not a sound model
 * file, or holds a model without a density (a ResNet, an i-RevNet, a VIB), and then names the address; when `workers`
 * is out of range, or the GPU was asked for and cannot be had; with the signal's reason when that aborts.
 */
export async function load(
  source: string | URL | Response | ArrayBuffer | Uint8Array,
  options: LoadOptions = {},
): Promise<Model> {
  const { executor = 'auto', workers = 'auto', signal } = options;
  if (workers !== 'auto' && !(Number.isInteger(workers) && workers >= 1)) {
    throw new IbinnError(`workers is ${workers}, must be a whole number from 1 up, or auto`);
  }
  signal?.throwIfAborted();
  const client = new Client();
  const abort = () => client.end(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const bytes = await bytesOf(source, options);
    const address = source instanceof Response ? source.url : isAddress(source) ? String(source) : '';
    const name = options.name ?? (address || 'the model');
    const most = executor === 'gpu' ? 1 : mostWorkers(workers);
    // A copy that the browser may keep outside of memory, for workers that are started later.
    const copy = new Blob(most > 1 ? [bytes] : []);
    // What belongs to the caller is not handed over.
    const transfer = bytes === source || bytes.buffer === source ? [] : [bytes.buffer];
    const loaded = await client.call('load', { bytes, name, executor }, transfer);
    const startAnother = async (another: Client) => {
      const bytes = new Uint8Array(await copy.arrayBuffer());
      await another.call('load', { bytes, name, executor: 'cpu' }, [bytes.buffer]);
    };
    return new LoadedModel(new WorkerPool(client, loaded.spec.dims, most, startAnother), loaded);
  } catch (thrown) {
    client.end(thrown);
    throw thrown;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

type Source = Parameters<typeof load>[0];

function isAddress(source: Source): source is string | URL {
  return typeof source === 'string' || source instanceof URL;
}

async function bytesOf(source: Source, options: LoadOptions): Promise<Uint8Array<ArrayBuffer>> {
  if (isAddress(source) || source instanceof Response) {
    return download(source, options);
  }
  return (source instanceof Uint8Array ? source : new Uint8Array(source)) as Uint8Array<ArrayBuffer>;
}
