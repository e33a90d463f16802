import type { Shape } from './pixels.ts';
import { fit } from './resample.ts';

/** A picture file to fit into a model's image. */
export interface Request {
  readonly id: number;
  readonly file: Blob;
  readonly shape: Shape;
}

/** The bytes of the request with the same id; undefined when the file cannot be decoded. */
export interface Answer {
  readonly id: number;
  readonly bytes: Uint8Array | undefined;
}

addEventListener('message', async ({ data }: MessageEvent<Request>) => {
  const bytes = await decode(data.file, data.shape).catch(() => undefined);
  postMessage({ id: data.id, bytes } satisfies Answer);
});

async function decode(file: Blob, shape: Shape): Promise<Uint8Array> {
  // The numbers of the file, untouched by colour profiles and by opacity, as the trainer reads them.
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no canvas');
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { width, height } = context.canvas;
  return fit(context.getImageData(0, 0, width, height), shape);
}
