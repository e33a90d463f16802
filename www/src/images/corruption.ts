import { type Corruption, corruptImage } from 'ibinn';
import type { Shape } from './pixels.ts';

export type CorruptionName = keyof Corruption;

/** An image left as it is. */
export const INTACT: Corruption = { rotation: 0, noise: 0, blur: 0, inversion: 0, occlusion: 0, colours: 0 };

/** Whether a corruption changes anything. */
export function disturbs(corruption: Corruption): boolean {
  return Object.values(corruption).some((value) => value !== 0);
}

/** The image, C·H·W pixels in [0, 1], as the model sees it: disturbed, if it is to be. */
export async function disturbed(pixels: Float32Array, shape: Shape, corruption: Corruption): Promise<Float32Array> {
  return disturbs(corruption) ? corruptImage(pixels, shape, corruption) : pixels;
}
