import type { ReplyOf, RequestOf } from './rpc.js';
import type {
  Adapter,
  BothWays,
  Card,
  Classification,
  Encoded,
  ExecutorChoice,
  SampleOptions,
  Samples,
  Spec,
} from './types.js';

/** Whole images or latents, side by side; messages count them from `first`, as they may be part of a batch. */
export interface Rows {
  rows: Float32Array;
  first: number;
}

/** Of a batch that is described, the part that is wanted: number `from` up to `to`. */
export interface Part {
  from: number;
  to: number;
}

/** Every call that the worker answers: what it takes and what it gives. */
export interface Calls {
  load: { takes: { bytes: Uint8Array; name: string; executor: ExecutorChoice }; gives: { card: Card; spec: Spec } };
  encode: { takes: Rows; gives: Encoded };
  bothWays: { takes: { pixels: Float32Array; number: number }; gives: BothWays };
  decode: { takes: Rows; gives: Float32Array };
  classify: { takes: Rows; gives: Classification[] };
  sample: { takes: Required<SampleOptions> & Part; gives: Samples };
  interpolate: { takes: { a: Float32Array; b: Float32Array; steps: number } & Part; gives: Samples };
  posterior: { takes: Float32Array; gives: Float64Array };
  noveltyP: { takes: Float32Array; gives: Float64Array };
  project: { takes: Float32Array; gives: Float64Array };
  unproject: { takes: { points: Float64Array; from: Float32Array | undefined }; gives: Float32Array };
  bitsPerDim: { takes: Float64Array; gives: Float64Array };
  shareBelow: { takes: Float64Array; gives: Float64Array };
  loseDevice: { takes: null; gives: null };
  panic: { takes: null; gives: null };
}

/** The name of a call. */
export type CallName = keyof Calls;

/** From the module to the worker: one call. */
export type Request<Name extends CallName = CallName> = RequestOf<Calls, Name>;

/** From the worker to the module: an answer comes with what runs the model now, and with what it took in ms. */
export type Reply = ReplyOf<Calls> &
  ({ kind: 'given'; adapter: Adapter; ms: number } | { kind: 'refused' | 'stopped' });
