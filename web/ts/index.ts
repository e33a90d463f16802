/**
 * Runs ibinn models in the browser: on WebGPU, or on the CPU where there is none.
 *
 * @packageDocumentation
 */

import { Client } from './client.js';
import { download } from './download.js';
import { LoadedModel } from './model.js';
import type { LoadOptions, Model } from './types.js';

export { IbinnError } from './error.js';
export * from './lab.js';
export type * from './types.js';

/**
 * Loads a model from an address, from a response that was fetched already, or from the bytes of a model file, into a
 * worker of its own.
 *
 * Rejects with an `IbinnError`, whose message is one sentence that names the address, when the file cannot be fetched,
 * is not a sound model file, holds a model without a density (a ResNet, an i-RevNet, a VIB), or the GPU was asked for
 * and cannot be had; with the signal's reason when that aborts.
 */
export async function load(
  source: string | URL | Response | ArrayBuffer | Uint8Array,
  options: LoadOptions = {},
): Promise<Model> {
  const { executor = 'auto', signal } = options;
  signal?.throwIfAborted();
  const client = new Client();
  const abort = () => client.end(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    if (typeof source === 'string' || source instanceof URL || source instanceof Response) {
      const bytes = await download(source, options);
      const name = source instanceof Response ? source.url || 'the model' : String(source);
      const takes = { bytes, name, executor };
      return new LoadedModel(client, await client.call('load', takes, [bytes.buffer]));
    }
    const bytes = source instanceof Uint8Array ? source : new Uint8Array(source);
    return new LoadedModel(client, await client.call('load', { bytes, name: 'the model', executor }));
  } catch (thrown) {
    client.end(thrown);
    throw thrown;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
