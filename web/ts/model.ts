import type { Client } from './client.js';
import { IbinnError } from './error.js';
import type { Calls } from './protocol.js';
import type { Adapter, Card, Classification, Encoded, Model, SampleOptions, Samples, Spec } from './types.js';

/** A model that a worker has loaded. */
export class LoadedModel implements Model {
  readonly card: Card;
  readonly spec: Spec;

  /** The model that is loaded in the worker at the other end of `client`. */
  constructor(
    readonly client: Client,
    loaded: Calls['load']['gives'],
  ) {
    this.card = loaded.card;
    this.spec = loaded.spec;
  }

  get adapter(): Adapter {
    return this.client.adapter;
  }

  encode(pixels: Float32Array): Promise<Encoded> {
    return this.client.call('encode', pixels);
  }

  decode(z: Float32Array): Promise<Float32Array> {
    return this.client.call('decode', z);
  }

  classify(pixels: Float32Array): Promise<Classification[]> {
    return this.client.call('classify', pixels);
  }

  sample({ temperature = 0.7, seed = 0, first = 0, ...which }: SampleOptions): Promise<Samples> {
    return this.client.call('sample', { ...which, temperature, seed, first });
  }

  interpolate(a: Float32Array, b: Float32Array, steps: number): Promise<Samples> {
    return this.client.call('interpolate', { a, b, steps });
  }

  posterior(z: Float32Array): Promise<Float64Array> {
    return this.client.call('posterior', z);
  }

  project(z: Float32Array): Promise<Float64Array> {
    return this.client.call('project', z);
  }

  unproject(points: Float64Array, from?: Float32Array): Promise<Float32Array> {
    return this.client.call('unproject', { points, from });
  }

  close(): void {
    this.client.end(new IbinnError('the model is closed'));
  }
}
