import type { Classification, Framing, Model } from 'ibinn';
import type { Named } from '../../files/folders.ts';
import type { TestSet } from '../../files/testSet.ts';
import { fromBytes, type Shape } from '../../images/pixels.ts';
import { own, seenOf, type Source } from '../../images/source.ts';
import { readImage } from '../../images/upload.ts';
import { pictures as text } from '../../strings/pictures.ts';

/** As many files are read side by side. */
const READERS = 3;
/** As many pictures are classified at once. */
const BATCH = 24;

/** A picture that is to be looked at. */
export interface Item {
  readonly name: string;
  /** Its class, where that is known. */
  readonly label?: number | undefined;
  /** The picture, for a model that takes such images; framed, or as it is. */
  read(shape: Shape, framing: Framing | undefined, asItIs: boolean): Promise<Source>;
}

/** Picture files, to be looked at. */
export function itemsOfFiles(files: readonly Named[]): Item[] {
  return files.map(({ file, name }) => ({
    name,
    read: async (shape, framing, asItIs) => {
      const picture = await readImage(file, name, shape, framing);
      return picture.kind === 'image' ? { ...picture, asItIs } : picture;
    },
  }));
}

/** The images of a test set, to be looked at as they are. */
export function itemsOfTestSet({ images, labels }: TestSet): Item[] {
  return images.map((bytes, i) => ({
    name: text.testImage(i),
    label: labels?.[i],
    read: async () => own(bytes, { asItIs: true }),
  }));
}

/** A file that was looked at: what the model says of it, or why it could not be read. */
export type Row = Seen | Unread;

export interface Seen {
  /** Its number among the files. */
  readonly place: number;
  readonly name: string;
  readonly label: number | undefined;
  readonly image: Source;
  /** As the model saw it, C·H·W bytes. */
  readonly bytes: Uint8Array;
  readonly result: Classification;
}

export interface Unread {
  readonly place: number;
  readonly name: string;
  readonly problem: string;
}

/** Whether a row has a picture. */
export function wasSeen(row: Row): row is Seen {
  return 'result' in row;
}

/** Whether it was taken for a class that is not its own. */
export function wasMistaken({ label, result }: Seen): boolean {
  return label !== undefined && label !== result.prediction;
}

/**
 * Looks at pictures one after the other, several at a time, and hands over rows as they are there; pictures are framed as the
 * training images are, or looked at as they are. Ends early when the signal aborts. Rejects as the model's calls do.
 */
export async function lookAt(
  items: readonly Item[],
  model: Model,
  shape: Shape,
  asItIs: boolean,
  signal: AbortSignal,
  taken: (rows: readonly Row[]) => void,
): Promise<void> {
  let next = 0;
  const read: Omit<Seen, 'result'>[] = [];
  const classify = async () => {
    const batch = read.splice(0, BATCH);
    if (batch.length === 0) return;
    const { dims } = model.spec;
    const pixels = new Float32Array(batch.length * dims);
    batch.forEach(({ bytes }, i) => pixels.set(fromBytes(bytes), i * dims));
    const results = await model.classify(pixels);
    if (!signal.aborted) taken(results.map((result, i) => ({ ...batch[i]!, result })));
  };
  const reader = async () => {
    while (next < items.length && !signal.aborted) {
      const place = next++;
      const { name, label, read: open } = items[place]!;
      try {
        const image = await open(shape, model.card.framing, asItIs);
        read.push({ place, name, label, image, bytes: (await seenOf(image, model)).image });
      } catch (problem) {
        taken([{ place, name, problem: problem instanceof Error ? problem.message : String(problem) }]);
      }
      if (read.length >= BATCH) await classify();
    }
  };
  await Promise.all(Array.from({ length: READERS }, reader));
  while (read.length > 0 && !signal.aborted) await classify();
}
