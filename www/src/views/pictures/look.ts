import type { Classification, Model } from 'ibinn';
import type { Named } from '../../files/folders.ts';
import { fromBytes, type Shape } from '../../images/pixels.ts';
import { seenOf, type Source } from '../../images/source.ts';
import { readImage } from '../../images/upload.ts';

/** As many files are read side by side. */
const READERS = 3;
/** As many pictures are classified at once. */
const BATCH = 24;

/** A file that was looked at: what the model says of it, or why it could not be read. */
export type Row = Seen | Unread;

export interface Seen {
  /** Its number among the files. */
  readonly place: number;
  readonly name: string;
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

/**
 * Looks at files one after the other, several at a time, and hands over rows as they are there; pictures are framed as the
 * training images are, or looked at as they are. Ends early when the signal aborts. Rejects as the model's calls do.
 */
export async function lookAt(
  files: readonly Named[],
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
    while (next < files.length && !signal.aborted) {
      const place = next++;
      const { file, name } = files[place]!;
      try {
        const picture = await readImage(file, name, shape, model.card.framing);
        const image = picture.kind === 'image' ? { ...picture, asItIs } : picture;
        read.push({ place, name, image, bytes: (await seenOf(image, model)).image });
      } catch (problem) {
        taken([{ place, name, problem: problem instanceof Error ? problem.message : String(problem) }]);
      }
      if (read.length >= BATCH) await classify();
    }
  };
  await Promise.all(Array.from({ length: READERS }, reader));
  while (read.length > 0 && !signal.aborted) await classify();
}
