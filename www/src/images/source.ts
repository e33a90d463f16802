import { type Corruption, type FramedImage, framePicture, type Model } from 'ibinn';
import { disturbed } from './corruption.ts';
import { asPicture, fromBytes, toBytes } from './pixels.ts';

/** What stands behind an image in an address that is not framed. */
const AS_IT_IS = 'as-is';

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

/** The visitor's own image. */
export interface Own {
  readonly kind: 'image';
  /** As it was drawn, or fitted into the model's size: C·H·W bytes. */
  readonly bytes: Uint8Array;
  /** Of a picture: as it was framed from all its pixels. */
  readonly framed?: FromPicture | undefined;
  /** Whether it is shown and classified as it is, although the model's card says how it would be framed. */
  readonly asItIs: boolean;
}

/** What became of a picture when it was framed as the training images are. */
export interface FromPicture {
  /** C·H·W bytes. */
  readonly bytes: Uint8Array;
  readonly inverted: boolean;
  readonly scale: number;
}

/** No image: a black canvas. */
export interface Empty {
  readonly kind: 'empty';
}

/** An image of the visitor's; one that is black all over is an empty canvas. */
export function own(bytes: Uint8Array, how: { framed?: FromPicture | undefined; asItIs?: boolean } = {}): Source {
  if (bytes.every((value) => value === 0)) return { kind: 'empty' };
  return { kind: 'image', bytes, framed: how.framed, asItIs: how.asItIs ?? false };
}

/**
 * A source as text: `sample_CLASS_INDEX_SEED_TEMPERATURE`, `empty`, or `image_BASE64URL`, behind which stand `~BASE64URL~INVERTED~SCALE`
 * of a picture that was framed, and `~as-is`.
 */
export function writeSource(source: Source): string {
  switch (source.kind) {
    case 'sample':
      return ['sample', source.class, source.index, source.seed, source.temperature].join('_');
    case 'image':
      return writeOwn(source);
    case 'empty':
      return 'empty';
  }
}

/** The source that a text names; undefined when it names none. */
export function readSource(text: string): Source | undefined {
  if (text === 'empty') return { kind: 'empty' };
  if (text.startsWith('image_')) return readOwn(text.slice('image_'.length));
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

/** The source's image as C·H·W bytes, framed as the model's training images are where it is the visitor's own. */
export async function bytesOf(source: Source, model: Model): Promise<Uint8Array> {
  return (await seenOf(source, model)).image;
}

const known = new WeakMap<Source, { readonly model: Model; readonly seen: FramedImage }>();

/** The source's image as `seenOf` gives it, if nothing has to be worked out for it, or not any more. */
export function knownOf(source: Source, model: Model): FramedImage | undefined {
  if (source.kind === 'image' && (source.asItIs || !model.card.framing)) return untouched(source.bytes);
  const last = known.get(source);
  return last?.model === model ? last.seen : undefined;
}

/** The source's image as the model sees it before it is disturbed, and what was done to it for that. */
export async function seenOf(source: Source, model: Model): Promise<FramedImage> {
  const before = knownOf(source, model);
  if (before) return before;
  const seen = source.kind === 'image' ? await framedOf(source, model) : untouched(await madeOf(source, model));
  known.set(source, { model, seen });
  return seen;
}

async function framedOf({ bytes, framed }: Own, model: Model): Promise<FramedImage> {
  const { framing } = model.card;
  if (!framing || bytes.length !== model.spec.dims) return untouched(bytes);
  // A picture was framed from all its pixels, maybe for another model: for the same one, nothing is left to do.
  const done = await framePicture(asPicture(framed?.bytes ?? bytes, model.spec), model.spec, framing);
  if (!framed) return done;
  const [inverted, scale] = [done.inverted !== framed.inverted, done.scale * framed.scale];
  return { image: done.image, how: 'framed', inverted, scale };
}

async function madeOf(source: Sample | Empty, model: Model): Promise<Uint8Array> {
  return source.kind === 'sample' ? toBytes((await draw(source, model)).pixels) : new Uint8Array(model.spec.dims);
}

function untouched(image: Uint8Array): FramedImage {
  return { image, how: 'unchanged', inverted: false, scale: 1 };
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

function writeOwn({ bytes, framed, asItIs }: Own): string {
  const parts = [`image_${toBase64Url(bytes)}`];
  if (framed) parts.push(toBase64Url(framed.bytes), framed.inverted ? '1' : '0', framed.scale.toFixed(2));
  return [...parts, ...(asItIs ? [AS_IT_IS] : [])].join('~');
}

function readOwn(text: string): Own | undefined {
  const parts = text.split('~');
  const asItIs = parts.at(-1) === AS_IT_IS;
  if (asItIs) parts.pop();
  const bytes = fromBase64Url(parts[0] ?? '');
  if (!bytes || parts.length === 1) return bytes && { kind: 'image', bytes, asItIs };
  const framed = fromBase64Url(parts[1] ?? '');
  const numbers = /^([01])~(\d{1,4}\.\d\d)$/.exec(parts.slice(2).join('~'));
  if (framed?.length !== bytes.length || !numbers) return undefined;
  return {
    kind: 'image',
    bytes,
    framed: { bytes: framed, inverted: numbers[1] === '1', scale: Number(numbers[2]) },
    asItIs,
  };
}

function toBase64Url(bytes: Uint8Array): string {
  // Piece by piece: a function takes no more arguments than its stack holds.
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64Url(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  } catch {
    return undefined;
  }
}
