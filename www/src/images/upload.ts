import type { Framing, Picture } from 'ibinn';
import { fromPicture } from './frame.ts';
import type { Shape } from './pixels.ts';
import type { Source } from './source.ts';
import { draw as text } from '../strings/draw.ts';
import type { Answer, Request } from './upload.worker.ts';

/** Pictures with more pixels are refused before they are decoded: as many as the largest of telephones take. */
const MOST_PIXELS = 2e8;

let worker: Worker | undefined;
let asked = 0;

/**
 * A file that the visitor chose, dropped or pasted, as an image for the model, and framed as its training images are
 * where `framing` says how that is.
 *
 * Rejects with one sentence when it is no image, or too large.
 */
export async function readImage(file: Blob, name: string, shape: Shape, framing: Framing | undefined): Promise<Source> {
  const size = await measure(file, name);
  if (size.width * size.height > MOST_PIXELS) {
    throw new Error(text.tooLarge(name, size.width, size.height, MOST_PIXELS));
  }
  const picture = await decode({ id: ++asked, file, size });
  if (!picture) throw new Error(text.notAnImage(name));
  return fromPicture(picture, shape, framing);
}

/** Width and height of an image file, which the browser tells without decoding all of it. */
async function measure(file: Blob, name: string): Promise<{ width: number; height: number }> {
  const address = URL.createObjectURL(file);
  try {
    const image = new Image();
    await new Promise((resolve, reject) => {
      image.onload = resolve;
      image.onerror = () => reject(new Error(text.notAnImage(name)));
      image.src = address;
    });
    return { width: image.naturalWidth, height: image.naturalHeight };
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** Decodes in a worker, so that a large picture does not hold up the page. */
function decode(request: Request): Promise<Picture | undefined> {
  worker ??= new Worker(new URL('./upload.worker.ts', import.meta.url), { type: 'module' });
  const target = worker;
  const done = new AbortController();
  const { signal } = done;
  return new Promise<Picture | undefined>((resolve) => {
    const answered = ({ data }: MessageEvent<Answer>) => data.id === request.id && resolve(data.picture);
    target.addEventListener('message', answered, { signal });
    target.addEventListener('error', () => resolve(undefined), { signal });
    target.postMessage(request);
  }).finally(() => done.abort());
}
