import { type Framing, fitPicture, framePicture, type Picture } from 'ibinn';
import type { Shape } from './pixels.ts';
import { own, type Source } from './source.ts';

/**
 * A picture of any size as an image of the visitor's: fitted into a model's size, and beside that framed as its training
 * images are where `framing` says how that is. The picture's buffer is handed over.
 */
export async function fromPicture(picture: Picture, shape: Shape, framing: Framing | undefined): Promise<Source> {
  if (!framing) return own(await fitPicture(picture, shape));
  const copy = { width: picture.width, data: picture.data.slice() };
  const [bytes, done] = await Promise.all([fitPicture(copy, shape), framePicture(picture, shape, framing)]);
  const { image, inverted, scale } = done;
  return own(bytes, { framed: done.how === 'framed' ? { bytes: image, inverted, scale } : undefined });
}
