// Any address is read as a state, and what is written of a state reads as the same one.

import assert from 'node:assert/strict';
import { expect, test } from '@playwright/test';
import fc from 'fast-check';
import { readSource, writeSource } from '../../www/src/images/source.ts';
import { readState, type State, writeState } from '../../www/src/state.ts';

/** More by `cargo xtask fuzz typescript`. */
const numRuns = Number(process.env.IBINN_FUZZ_RUNS ?? 2000);
const names = Object.keys(readState('')) as (keyof State)[];

/** Values as addresses have them, and what is nearly one. */
const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double().map(String),
  fc.integer().map(String),
  fc.constantFrom(
    'yes',
    'no',
    'auto',
    'all',
    'empty',
    'classes',
    'gammas',
    'gpu',
    '0_0',
    '1_2_3_4_5_6',
    'sample_1_2_3_0.7',
  ),
  fc.array(fc.oneof(fc.integer(), fc.double(), fc.string()), { maxLength: 12 }).map((parts) => parts.join('_')),
  fc.uint8Array({ maxLength: 4000 }).map((bytes) => `image_${Buffer.from(bytes).toString('base64url')}`),
);
const hash = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.tuple(fc.oneof(fc.constantFrom(...names), fc.string()), value), { maxLength: 8 })
    .map((pairs) => `#${pairs.map(([name, text]) => `${name}=${encodeURIComponent(text)}`).join('&')}`),
);

test('any address is a state, which is written as it is read', () => {
  test.setTimeout(0);
  fc.assert(
    fc.property(hash, (text) => {
      const state = readState(text);
      // Not expect, which takes note of every call.
      for (const name of names) assert.notEqual(state[name], undefined, name);
      const written = writeState(state);
      assert.equal(writeState(readState(written)), written);
    }),
    { numRuns },
  );
});

test('a source of any size is written as it is read', () => {
  for (const length of [0, 1, 784, 3072, 3 * 256 * 256]) {
    const text = `image_${Buffer.alloc(length, 7).toString('base64url')}`;
    const source = readSource(text);
    expect(source && writeSource(source)).toBe(text);
  }
});
