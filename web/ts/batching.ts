import type { Calls } from './protocol.js';
import type { Classification, Encoded, Samples } from './types.js';

/** How a call on a batch of images is cut into parts, and their answers joined. */
interface Cut<Takes, Gives> {
  /** Images in the batch; not a whole number when the arguments do not fit, which the worker then says. */
  images(takes: Takes, dims: number): number;
  /** Images `from` up to `to` of the batch. */
  part(takes: Takes, dims: number, from: number, to: number): Takes;
  /** The answers to the parts, in their order. */
  join(answers: Gives[]): Gives;
}

/** The names of the calls that can be cut. */
export type PartsName = 'encode' | 'decode' | 'classify' | 'sample' | 'interpolate';

const rows = {
  images: ({ rows }: Calls['encode']['takes'], dims: number) => rows.length / dims,
  part: ({ rows, first }: Calls['encode']['takes'], dims: number, from: number, to: number) => ({
    rows: rows.slice(from * dims, to * dims),
    first: first + from,
  }),
};

/** Of each call that can be cut. */
export const PARTS: { [Name in PartsName]: Cut<Calls[Name]['takes'], Calls[Name]['gives']> } = {
  encode: {
    ...rows,
    join: (answers: Encoded[]) => ({
      z: joined(answers.map(({ z }) => z)),
      logDet: joined(answers.map(({ logDet }) => logDet)),
    }),
  },
  decode: { ...rows, join: joined },
  classify: { ...rows, join: (answers: Classification[][]) => answers.flat() },
  sample: {
    images: ({ count }) => count,
    part: (takes, _, from, to) => ({ ...takes, from, to }),
    join: joinedSamples,
  },
  interpolate: {
    images: ({ steps }) => steps,
    part: (takes, _, from, to) => ({ ...takes, from, to }),
    join: joinedSamples,
  },
};

function joinedSamples(answers: Samples[]): Samples {
  return { z: joined(answers.map(({ z }) => z)), pixels: joined(answers.map(({ pixels }) => pixels)) };
}

function joined(parts: Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
