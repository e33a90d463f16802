import type { Framing } from 'ibinn';
import type { Named } from '../../files/folders.ts';
import { toImageData } from '../../images/pixels.ts';
import { readImage } from '../../images/upload.ts';
import { teach as text } from '../../strings/teach.ts';
import { type Class, MOST_CLASSES, MOST_PICTURES, type PictureSet } from './set.ts';
import { type Entry, readZip, writeZip } from './zip.ts';

/** Characters that not every system takes in the name of a folder. */
const UNFIT = /[\\/:*?"<>|]/g;

/** Picture files as pictures of a set, and what went wrong with the last of those that are none. */
export async function readPictures(
  files: readonly Named[],
  { shape }: PictureSet,
  framing: Framing | undefined,
): Promise<{ readonly pictures: Uint8Array[]; readonly problem: unknown }> {
  const pictures: Uint8Array[] = [];
  let problem: unknown;
  for (const { file, name } of files) {
    try {
      const image = await readImage(file, name, shape, framing);
      if (image.kind === 'image') pictures.push(image.framed?.bytes ?? image.bytes);
    } catch (wrong) {
      problem = wrong;
    }
  }
  return { pictures, problem };
}

/** The set as an archive: a folder for each class, its pictures as PNG. */
export async function savedSet(set: PictureSet): Promise<Blob> {
  const entries: Entry[] = [];
  for (const { name, pictures } of set.classes) {
    for (const [i, picture] of pictures.entries()) {
      const bytes = await png(picture, set);
      entries.push({ path: `${name.trim().replace(UNFIT, '-')}/${String(i + 1).padStart(4, '0')}.png`, bytes });
    }
  }
  return writeZip(entries);
}

async function png(picture: Uint8Array, { shape }: PictureSet): Promise<Uint8Array> {
  const canvas = new OffscreenCanvas(shape.width, shape.height);
  canvas.getContext('2d')?.putImageData(toImageData(picture, shape), 0, 0);
  const blob = await canvas.convertToBlob({ type: 'image/png' });
  return new Uint8Array(await blob.arrayBuffer());
}

/**
 * The classes of an archive, or of files in folders: the last folder above a file names its class. Pictures of the set's size are
 * taken as they are.
 */
export async function openedSet(
  files: readonly Named[],
  set: PictureSet,
): Promise<{ readonly classes: Class[]; readonly problem: unknown }> {
  const byClass = new Map<string, Named[]>();
  for (const { file, name } of (await Promise.all(files.map(unpacked))).flat()) {
    const [folder, inner] = name.split('/').slice(-2);
    if (folder === undefined || inner === undefined) continue;
    byClass.set(folder, [...(byClass.get(folder) ?? []), { file, name }]);
  }
  if (byClass.size === 0) throw new Error(text.notClasses);
  if (byClass.size > MOST_CLASSES) throw new Error(text.tooMany(MOST_CLASSES));
  const classes: Class[] = [];
  let problem: unknown;
  for (const [name, named] of byClass) {
    const read = await readPictures(named.slice(0, MOST_PICTURES), set, undefined);
    if (read.pictures.length > 0) classes.push({ name, pictures: read.pictures });
    problem ??= read.problem;
  }
  if (classes.length === 0) throw problem ?? new Error(text.notClasses);
  return { classes, problem };
}

/** The files in an archive; any other file is itself. */
async function unpacked({ file, name }: Named): Promise<Named[]> {
  if (!name.toLowerCase().endsWith('.zip')) return [{ file, name }];
  let entries: Entry[];
  try {
    entries = await readZip(file);
  } catch {
    throw new Error(text.notAnArchive(name));
  }
  return entries.map(({ path, bytes }) => ({ file: new File([bytes as BlobPart], path), name: path }));
}
