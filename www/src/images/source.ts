import type { Corruption, Model } from 'ibinn';
import { disturbed } from './corruption.ts';
import { fromBytes, toBytes } from './pixels.ts';

/** Where an image comes from, in a form that an address can hold. */
export type Source = Sample | Own | Empty;

/** Sample `index` of a class, as the grid draws it. */
export interface Sample {
  readonly kind: 'sample';
  readonly class: number;
  readonly index: number;
  readonly seed: number;
  readonly temperature: number;
}

/** The visitor's own image: C·H·W bytes. */
export interface Own {
  readonly kind: 'image';
  readonly bytes: Uint8Array;
}

/** No image: a black canvas. */
export interface Empty {
  readonly kind: 'empty';
}

/** An image of the visitor's; one that is black all over is an empty canvas. */
export function own(bytes: Uint8Array): Source {
  return bytes.some((value) => value > 0) ? { kind: 'image', bytes } : { kind: 'empty' };
}

/** A source as text: `sample_CLASS_INDEX_SEED_TEMPERATURE`, `image_BASE64URL` or `empty`. */
export function writeSource(source: Source): string {
  switch (source.kind) {
    case 'sample':
      return ['sample', source.class, source.index, source.seed, source.temperature].join('_');
    case 'image':
      return `image_${toBase64Url(source.bytes)}`;
    case 'empty':
      return 'empty';
  }
}

/** The source that a text names; undefined when it names none. */
export function readSource(text: string): Source | undefined {
  if (text === 'empty') return { kind: 'empty' };
  if (text.startsWith('image_')) {
    const bytes = fromBase64Url(text.slice('image_'.length));
    return bytes && { kind: 'image', bytes };
  }
  const numbers = /^sample_(\d{1,3})_(\d{1,6})_(\d{1,10})_(\d(?:\.\d{1,3})?)$/.exec(text)?.slice(1).map(Number);
  if (!numbers) return undefined;
  const [classNumber, index, seed, temperature] = numbers as [number, number, number, number];
  return { kind: 'sample', class: classNumber, index, seed, temperature };
}

/** The source for a model: a class beyond its last becomes the last, an image of another size an empty canvas. */
export function fitSource(source: Source, model: Model): Source {
  const { classes, dims } = model.spec;
  if (source.kind === 'sample' && source.class >= classes.length) return { ...source, class: classes.length - 1 };
  if (source.kind === 'image' && source.bytes.length !== dims) return { kind: 'empty' };
  return source;
}

/** The source's image as C·H·W bytes: what the canvas shows, and what a saved PNG would hold. */
export async function bytesOf(source: Source, model: Model): Promise<Uint8Array> {
  switch (source.kind) {
    case 'sample':
      return toBytes((await draw(source, model)).pixels);
    case 'image':
      return source.bytes;
    case 'empty':
      return new Uint8Array(model.spec.dims);
  }
}

/** The source's latent, D numbers: of a sample the one that it was drawn from, of an image its encoding. */
export async function latentOf(source: Source, model: Model): Promise<Float32Array> {
  if (source.kind === 'sample') return (await draw(source, model)).z;
  return (await model.encode(fromBytes(await bytesOf(source, model)))).z;
}

/** The source's image as the model sees it: pixels in [0, 1], disturbed. */
export async function disturbedPixels(source: Source, corruption: Corruption, model: Model): Promise<Float32Array> {
  return disturbed(fromBytes(await bytesOf(source, model)), model.spec, corruption);
}

/** The latent of the source's image as the model sees it: of its bytes, which the canvas shows, for a sample, too. */
export async function disturbedLatent(source: Source, corruption: Corruption, model: Model): Promise<Float32Array> {
  return (await model.encode(await disturbedPixels(source, corruption, model))).z;
}

function draw(source: Sample, model: Model) {
  const { index, seed, temperature } = source;
  return model.sample({ class: source.class, count: 1, first: index, seed, temperature });
}

function toBase64Url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64Url(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  } catch {
    return undefined;
  }
}
