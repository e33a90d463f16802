import type { Picture } from 'ibinn';

/** Pictures with a longer side are made smaller by the browser first: as numbers they would fill the memory. */
const LARGEST_SIDE = 4096;

/** A picture file to decode. */
export interface Request {
  readonly id: number;
  readonly file: Blob;
  /** The picture's own. */
  readonly size: { readonly width: number; readonly height: number };
}

/** The picture of the request with the same id; undefined when the file cannot be decoded. */
export interface Answer {
  readonly id: number;
  readonly picture: Picture | undefined;
}

addEventListener('message', async ({ data }: MessageEvent<Request>) => {
  const picture = await decode(data).catch(() => undefined);
  postMessage({ id: data.id, picture } satisfies Answer, { transfer: picture ? [picture.data.buffer] : [] });
});

async function decode({ file, size }: Request): Promise<Picture> {
  // The numbers of the file, untouched by colour profiles and by opacity, as the trainer reads them.
  const options: ImageBitmapOptions = { colorSpaceConversion: 'none', premultiplyAlpha: 'none', ...smaller(size) };
  const bitmap = await createImageBitmap(file, options);
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no canvas');
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { width, height } = context.canvas;
  const { data } = context.getImageData(0, 0, width, height);
  return { data: data as Picture['data'], width };
}

/** Makes the longer side as long as it may be; the other one follows. */
function smaller({ width, height }: Request['size']): ImageBitmapOptions {
  if (Math.max(width, height) <= LARGEST_SIDE) return {};
  const resizeQuality = 'high';
  return width > height ? { resizeWidth: LARGEST_SIDE, resizeQuality } : { resizeHeight: LARGEST_SIDE, resizeQuality };
}
