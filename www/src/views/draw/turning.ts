import { type Corruption, corruptImage, type Model, type Novelty } from 'ibinn';
import type { CorruptionName } from '../../images/corruption.ts';

/** Each slider is looked at in as many places, both ends included. */
const PLACES = 25;

/** What the verdict is along a slider. */
export interface Turning {
  /** At equal steps from 0 to the most. */
  readonly verdicts: readonly Novelty['verdict'][];
  /** Where it first differs from that at 0: a value of the slider; undefined where it never does. */
  readonly turns: { readonly at: number; readonly to: Novelty['verdict'] } | undefined;
}

/**
 * The verdict of an image, C·H·W pixels in [0, 1], at every place of one slider while the others stay; undefined when novelty
 * was not fitted to the model. Rejects as the model's calls do.
 */
export async function turningOf(
  model: Model,
  pixels: Float32Array,
  corruption: Corruption,
  name: CorruptionName,
  most: number,
): Promise<Turning | undefined> {
  const { spec } = model;
  const images = new Float32Array(PLACES * spec.dims);
  const value = (i: number) => (most * i) / (PLACES - 1);
  for (let i = 0; i < PLACES; i++) {
    images.set(await corruptImage(pixels, spec, { ...corruption, [name]: value(i) }), i * spec.dims);
  }
  const verdicts = (await model.classify(images)).flatMap(({ novelty }) => novelty?.verdict ?? []);
  if (verdicts.length < PLACES) return undefined;
  const first = verdicts.findIndex((verdict) => verdict !== verdicts[0]);
  return { verdicts, turns: first < 0 ? undefined : { at: value(first), to: verdicts[first]! } };
}
