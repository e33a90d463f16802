import { type FramedImage, type Framing, fitPicture, framePicture, type Picture } from 'ibinn';
import { type Shape, toImageData } from './pixels.ts';

/**
 * A picture as an image of a model's shape: as the training images lie where their card says how, else fitted as it is. The
 * picture's buffer is handed over.
 */
export async function framed(picture: Picture, shape: Shape, framing: Framing | undefined): Promise<FramedImage> {
  if (framing) return framePicture(picture, shape, framing);
  return { image: await fitPicture(picture, shape), how: 'fitted', inverted: false, scale: 1 };
}

/** C·H·W bytes as a picture. */
export function asPicture(bytes: Uint8Array, shape: Shape): Picture {
  return toImageData(bytes, shape) as Picture;
}
