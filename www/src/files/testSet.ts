import type { Shape } from '../images/pixels.ts';
import { pictures as text } from '../strings/pictures.ts';
import type { Named } from './folders.ts';

/** Pictures with their labels, as official test sets have them. */
export interface TestSet {
  /** H·W bytes each. */
  readonly images: readonly Uint8Array[];
  /** The class of each; none where there was no file of them. */
  readonly labels: Uint8Array | undefined;
}

const NAME = /idx[13]-ubyte(\.gz)?$/i;
/** What such files begin with: two zeros, the type of numbers (bytes), and how many dimensions there are. */
const [LABELS, IMAGES] = [0x0801, 0x0803];
const GZIP = 0x1f8b;

/** Whether a file is one of an official test set, by the name that MNIST's have. */
export function isOfTestSet({ name }: Named): boolean {
  return NAME.test(name);
}

/** Reads the images, and the labels if they are there, for a model that takes pictures of `shape`; throws one sentence. */
export async function readTestSet(files: readonly Named[], shape: Shape): Promise<TestSet> {
  let images: Uint8Array[] | undefined;
  let labels: Uint8Array | undefined;
  for (const { file, name } of files.filter(isOfTestSet)) {
    const bytes = await unpacked(file).catch(() => {
      throw new Error(text.broken(name));
    });
    const view = new DataView(bytes.buffer);
    const magic = bytes.length >= 8 ? view.getUint32(0) : 0;
    if (magic === LABELS && bytes.length === 8 + view.getUint32(4)) labels = bytes.subarray(8);
    else if (magic === IMAGES && bytes.length > 16) images = imagesOf(bytes, view, name, shape);
    else throw new Error(text.broken(name));
  }
  if (!images) throw new Error(text.onlyLabels);
  if (labels && labels.length !== images.length) throw new Error(text.uneven(images.length, labels.length));
  return { images, labels };
}

function imagesOf(bytes: Uint8Array, view: DataView, name: string, shape: Shape): Uint8Array[] {
  const [count, height, width] = [4, 8, 12].map((place) => view.getUint32(place)) as [number, number, number];
  if (bytes.length !== 16 + count * height * width) throw new Error(text.broken(name));
  if (shape.channels !== 1 || shape.height !== height || shape.width !== width) {
    throw new Error(text.otherShape(name, height, width));
  }
  const size = height * width;
  return Array.from({ length: count }, (_, i) => bytes.subarray(16 + i * size, 16 + (i + 1) * size));
}

async function unpacked(file: File): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes.length < 2 || new DataView(bytes.buffer).getUint16(0) !== GZIP) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
