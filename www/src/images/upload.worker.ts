import type { Shape } from './pixels.ts';
import { fit } from './resample.ts';

/** Pictures with a longer side are made smaller by the browser first: as numbers they would fill the memory. */
const LARGEST_SIDE = 4096;

/** A picture file to fit into a model's image. */
export interface Request {
  readonly id: number;
  readonly file: Blob;
  /** The picture's own. */
  readonly size: { readonly width: number; readonly height: number };
  readonly shape: Shape;
}

/** The bytes of the request with the same id; undefined when the file cannot be decoded. */
export interface Answer {
  readonly id: number;
  readonly bytes: Uint8Array | undefined;
}

addEventListener('message', async ({ data }: MessageEvent<Request>) => {
  const bytes = await decode(data).catch(() => undefined);
  postMessage({ id: data.id, bytes } satisfies Answer);
});

async function decode({ file, size, shape }: Request): Promise<Uint8Array> {
  // The numbers of the file, untouched by colour profiles and by opacity, as the trainer reads them.
  const options: ImageBitmapOptions = { colorSpaceConversion: 'none', premultiplyAlpha: 'none', ...smaller(size) };
  const bitmap = await createImageBitmap(file, options);
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no canvas');
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { width, height } = context.canvas;
  return fit(context.getImageData(0, 0, width, height), shape);
}

/** Makes the longer side as long as it may be; the other one follows. */
function smaller({ width, height }: Request['size']): ImageBitmapOptions {
  if (Math.max(width, height) <= LARGEST_SIDE) return {};
  const resizeQuality = 'high';
  return width > height ? { resizeWidth: LARGEST_SIDE, resizeQuality } : { resizeHeight: LARGEST_SIDE, resizeQuality };
}
