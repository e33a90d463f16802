import type { ImagesCalls } from './images_protocol.js';
import type { Corruption, FramedImage, Framing, ImageShape, Picture } from './images_types.js';
import { Rpc } from './rpc.js';

export type * from './images_types.js';

let line: Rpc<ImagesCalls> | undefined;

/** The line to the worker that all pages' images share; one that has ended is replaced. */
function worker(): Rpc<ImagesCalls> {
  if (line === undefined || line.isEnded) {
    line = new Rpc<ImagesCalls>(
      // Bundlers know a worker by an address that stands here in full.
      new Worker(new URL('./images_worker.js', import.meta.url), { type: 'module', name: 'ibinn images' }),
      'image maker',
    );
  }
  return line;
}

/**
 * Fits a picture of any size into an image, as C·H·W bytes. Each pixel is the average over the area that it covers; colour
 * becomes grey where there is one channel, what is transparent becomes white. A picture of another shape keeps its
 * proportions and is framed in the average tone of its own border.
 *
 * The picture's buffer is handed over to a worker: it is empty afterwards.
 */
export function fitPicture(
  { data, width }: Picture,
  { channels, height, width: columns }: ImageShape,
): Promise<Uint8Array> {
  const shape = { channels, height, width: columns };
  return worker().call('fit', { data, width, shape }, [data.buffer]);
}

/**
 * Brings a picture to how a model's training images lie on their plain ground: its own ground and shading are removed, what
 * is drawn is cut out, scaled and centred, light on dark or the other way round. A picture that lies so already is left as
 * it is; one without a plain ground is fitted as `fitPicture` does.
 *
 * The picture's buffer is handed over to a worker: it is empty afterwards.
 */
export function framePicture(
  { data, width }: Picture,
  { channels, height, width: columns }: ImageShape,
  framing: Framing,
): Promise<FramedImage> {
  const shape = { channels, height, width: columns };
  return worker().call('frame', { data, width, shape, framing }, [data.buffer]);
}

/** An image, C·H·W pixels in [0, 1], disturbed: always in the same order, and with the same noise every time. */
export function corruptImage(
  pixels: Float32Array,
  { channels, height, width }: ImageShape,
  corruption: Corruption,
): Promise<Float32Array> {
  return worker().call('corrupt', { pixels, shape: { channels, height, width }, corruption });
}

/**
 * A picture, C·H·W bytes, as a course sees it each time that it learns from it: moved, turned, scaled and lit a little
 * otherwise, in way number `index`; `strength` is from 0 to 1.
 */
export function varyPicture(
  bytes: Uint8Array,
  { channels, height, width }: ImageShape,
  index: number,
  strength: number,
): Promise<Uint8Array> {
  return worker().call('vary', { bytes, shape: { channels, height, width }, index, strength });
}
