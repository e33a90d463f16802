// What a runtime offers to the benchmark.

import type { Direction, Job } from '../shared/results.js';

/** A model that is ready to run in one direction for one size of batch. */
export interface Session {
  /** Which arrays it takes and gives: our module takes pixels and normalises them itself, the others normalised images. */
  readonly unit: 'pixels' | 'x';
  /** Images or latents, N×D → latents with log-dets, or images; all of it in memory when the promise resolves. */
  run(input: Float32Array): Promise<Outputs>;
  close(): Promise<void>;
}

/** What a run gives. */
export type Outputs = { z: Float32Array; logDet: Float32Array } | { images: Float32Array };

/** One way to run models. */
export interface Runtime {
  open(job: Job): Promise<Session>;
}

/** Loads a runtime in one of its variants. */
export type Load = (variant: string) => Promise<Runtime>;

/** The two kinds of outputs, by direction. */
export function outputs(direction: Direction, values: Float32Array[]): Outputs {
  const [first, second] = values;
  if (direction === 'decode' && first !== undefined) {
    return { images: first };
  }
  if (first === undefined || second === undefined) {
    throw new Error('the runtime returned too few arrays');
  }
  return { z: first, logDet: second };
}
