import type { WorkerPool } from './worker_pool.js';
import { IbinnError } from './error.js';
import type { Calls } from './protocol.js';
import type { Adapter, BothWays, Card, Classification, Encoded, Model, SampleOptions, Samples, Spec } from './types.js';

/** A model that workers have loaded. */
export class LoadedModel implements Model {
  readonly card: Card;
  readonly spec: Spec;

  /** The model that the workers of `pool` have loaded. */
  constructor(
    readonly pool: WorkerPool,
    loaded: Calls['load']['gives'],
  ) {
    this.card = loaded.card;
    this.spec = loaded.spec;
  }

  get adapter(): Adapter {
    return this.pool.first.adapter;
  }

  get ended(): boolean {
    return this.pool.ended;
  }

  encode(pixels: Float32Array): Promise<Encoded> {
    return this.pool.callOnBatch('encode', { rows: pixels, first: 0 });
  }

  bothWays(pixels: Float32Array, number: number): Promise<BothWays> {
    return this.pool.call('bothWays', { pixels, number });
  }

  decode(z: Float32Array): Promise<Float32Array> {
    return this.pool.callOnBatch('decode', { rows: z, first: 0 });
  }

  classify(pixels: Float32Array): Promise<Classification[]> {
    return this.pool.callOnBatch('classify', { rows: pixels, first: 0 });
  }

  sample({ temperature = 0.7, seed = 0, first = 0, ...which }: SampleOptions): Promise<Samples> {
    return this.pool.callOnBatch('sample', { ...which, temperature, seed, first, from: 0, to: which.count });
  }

  interpolate(a: Float32Array, b: Float32Array, steps: number): Promise<Samples> {
    return this.pool.callOnBatch('interpolate', { a, b, steps, from: 0, to: steps });
  }

  posterior(z: Float32Array): Promise<Float64Array> {
    return this.pool.call('posterior', z);
  }

  noveltyP(z: Float32Array): Promise<Float64Array> {
    return this.pool.call('noveltyP', z);
  }

  project(z: Float32Array): Promise<Float64Array> {
    return this.pool.call('project', z);
  }

  unproject(points: Float64Array, from?: Float32Array): Promise<Float32Array> {
    return this.pool.call('unproject', { points, from });
  }

  bitsPerDim(lX: Float64Array): Promise<Float64Array> {
    return this.pool.call('bitsPerDim', lX);
  }

  shareBelow(lX: Float64Array): Promise<Float64Array> {
    return this.pool.call('shareBelow', lX);
  }

  close(): void {
    this.pool.end(new IbinnError('the model is closed'));
  }
}
