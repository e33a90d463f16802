/**
 * For tests of how a page recovers: breaks a loaded model on purpose.
 *
 * @packageDocumentation
 */

import { LoadedModel } from './model.js';
import type { Model } from './types.js';

/** Destroys the GPU device that runs `model`, as a driver's crash would; without effect on the CPU. */
export async function loseDevice(model: Model): Promise<void> {
  await poolOf(model).call('loseDevice', null);
}

/** Makes the engine of `model` panic inside of a call: the promise rejects as any call would then. */
export async function panic(model: Model): Promise<void> {
  await poolOf(model).call('panic', null);
}

function poolOf(model: Model): LoadedModel['pool'] {
  if (model instanceof LoadedModel) {
    return model.pool;
  }
  throw new TypeError('the model was not loaded by this module');
}
