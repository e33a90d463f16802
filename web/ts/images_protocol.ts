import type { Corruption, FramedImage, Framing, ImageShape } from './images_types.js';
import type { RequestOf } from './rpc.js';

/** Every call that the images' worker answers: what it takes and what it gives. */
export interface ImagesCalls {
  fit: { takes: { data: Uint8ClampedArray; width: number; shape: ImageShape }; gives: Uint8Array };
  frame: {
    takes: { data: Uint8ClampedArray; width: number; shape: ImageShape; framing: Framing };
    gives: FramedImage;
  };
  vary: { takes: { bytes: Uint8Array; shape: ImageShape; index: number; strength: number }; gives: Uint8Array };
  corrupt: { takes: { pixels: Float32Array; shape: ImageShape; corruption: Corruption }; gives: Float32Array };
}

/** The name of a call. */
export type ImagesCallName = keyof ImagesCalls;

/** To the images' worker: one call. */
export type ImagesRequest<Name extends ImagesCallName = ImagesCallName> = RequestOf<ImagesCalls, Name>;
