import type { Adapter, Card, Classification, Encoded, ExecutorChoice, SampleOptions, Samples, Spec } from './types.js';

/** Every call that the worker answers: what it takes and what it gives. */
export interface Calls {
  load: { takes: { bytes: Uint8Array; name: string; executor: ExecutorChoice }; gives: { card: Card; spec: Spec } };
  encode: { takes: Float32Array; gives: Encoded };
  decode: { takes: Float32Array; gives: Float32Array };
  classify: { takes: Float32Array; gives: Classification[] };
  sample: { takes: Required<SampleOptions>; gives: Samples };
  interpolate: { takes: { a: Float32Array; b: Float32Array; steps: number }; gives: Samples };
  project: { takes: Float32Array; gives: Float64Array };
  unproject: { takes: { points: Float64Array; from: Float32Array | undefined }; gives: Float32Array };
  loseDevice: { takes: null; gives: null };
  panic: { takes: null; gives: null };
}

/** The name of a call. */
export type CallName = keyof Calls;

/** From the module to the worker: one call. */
export type Request<Name extends CallName = CallName> = {
  [N in Name]: { id: number; name: N; takes: Calls[N]['takes'] };
}[Name];

/** From the worker to the module: the answer to one call, or that there will be no more answers. */
export type Reply =
  | { kind: 'given'; id: number; gives: Calls[CallName]['gives']; adapter: Adapter }
  | { kind: 'refused'; id: number; sentence: string }
  | { kind: 'stopped'; sentence: string };
