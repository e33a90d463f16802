import type { ReplyOf, RequestOf } from './line.js';
import type { Adapter, Card, Classification, Encoded, ExecutorChoice, SampleOptions, Samples, Spec } from './types.js';

/** Every call that the worker answers: what it takes and what it gives. */
export interface Calls {
  load: { takes: { bytes: Uint8Array; name: string; executor: ExecutorChoice }; gives: { card: Card; spec: Spec } };
  encode: { takes: Float32Array; gives: Encoded };
  decode: { takes: Float32Array; gives: Float32Array };
  classify: { takes: Float32Array; gives: Classification[] };
  sample: { takes: Required<SampleOptions>; gives: Samples };
  interpolate: { takes: { a: Float32Array; b: Float32Array; steps: number }; gives: Samples };
  posterior: { takes: Float32Array; gives: Float64Array };
  project: { takes: Float32Array; gives: Float64Array };
  unproject: { takes: { points: Float64Array; from: Float32Array | undefined }; gives: Float32Array };
  loseDevice: { takes: null; gives: null };
  panic: { takes: null; gives: null };
}

/** The name of a call. */
export type CallName = keyof Calls;

/** From the module to the worker: one call. */
export type Request<Name extends CallName = CallName> = RequestOf<Calls, Name>;

/** From the worker to the module: an answer comes with what runs the model now. */
export type Reply = ReplyOf<Calls> & ({ kind: 'given'; adapter: Adapter } | { kind: 'refused' | 'stopped' });
