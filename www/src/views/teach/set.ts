import { type CoursePictures, fitPicture } from 'ibinn';
import { asPicture, type Shape } from '../../images/pixels.ts';
import { teach as text } from '../../strings/teach.ts';

/** As many classes as the page tells apart by colour. */
export const MOST_CLASSES = 10;
/** As many pictures as a class can hold. */
export const MOST_PICTURES = 2000;
/** Fewer pictures of a class are hardly a start. */
const FEW = 8;

/** The kinds of pictures: by the shape of what learns them. */
export const SHAPES = {
  grey: { channels: 1, height: 28, width: 28 },
  colour: { channels: 3, height: 32, width: 32 },
} satisfies Record<string, Shape>;

export type Kind = keyof typeof SHAPES;

/** A class with its pictures, C·H·W bytes each. */
export interface Class {
  name: string;
  pictures: Uint8Array[];
}

/** What the visitor teaches. */
export class PictureSet {
  kind: Kind = 'grey';
  classes: Class[] = [];

  constructor() {
    this.clear();
  }

  get shape(): Shape {
    return SHAPES[this.kind];
  }

  /** Becomes a set of another kind: its pictures are brought to that shape. */
  async become(kind: Kind): Promise<void> {
    const [from, to] = [this.shape, SHAPES[kind]];
    const fitted = this.classes.map(async (each) => {
      const pictures = each.pictures.map((bytes) => fitPicture(asPicture(bytes, from), to));
      return [each, await Promise.all(pictures)] as const;
    });
    for (const [each, pictures] of await Promise.all(fitted)) each.pictures = pictures;
    this.kind = kind;
  }

  /** Two classes without pictures. */
  clear(): void {
    this.classes = [0, 1].map((i) => ({ name: text.className(i), pictures: [] }));
  }

  /** Adds a class under the first letter that is free, unless there are enough. */
  addClass(): void {
    if (this.classes.length >= MOST_CLASSES) throw new Error(text.tooMany(MOST_CLASSES));
    const names = new Set(this.classes.map(({ name }) => name));
    const free = Array.from({ length: MOST_CLASSES + 1 }, (_, i) => text.className(i)).find((name) => !names.has(name));
    this.classes.push({ name: free ?? '', pictures: [] });
  }

  /** Adds pictures to a class, the newest last. */
  add(to: Class, pictures: readonly Uint8Array[]): void {
    const room = MOST_PICTURES - to.pictures.length;
    to.pictures.push(...pictures.slice(0, room));
    if (pictures.length > room) throw new Error(text.full(MOST_PICTURES));
  }

  /** What is missing before anything can be learnt; undefined when nothing is. */
  get missing(): string | undefined {
    if (this.classes.length < 2) return text.needsClasses;
    const names = this.classes.map(({ name }) => name.trim());
    if (names.includes('') || new Set(names).size < names.length) return text.needsName;
    const poor = this.classes.find(({ pictures }) => pictures.length < 2);
    return poor && text.needsPictures(poor.name, poor.pictures.length);
  }

  /** What would help; undefined when nothing stands out. */
  get advice(): string | undefined {
    const counts = this.classes.map(({ pictures }) => pictures.length);
    const least = this.classes[counts.indexOf(Math.min(...counts))];
    if (!least) return undefined;
    if (least.pictures.length < FEW) return text.few(least.name);
    return 5 * least.pictures.length < Math.max(...counts) ? text.uneven(least.name) : undefined;
  }

  /** Whether another set has the same classes, so that training can go on with its pictures. */
  get key(): string {
    return JSON.stringify([this.kind, ...this.classes.map(({ name }) => name.trim())]);
  }

  /** All of it, as a course takes it. */
  get pictures(): CoursePictures {
    const all = this.classes.flatMap(({ pictures }, label) => pictures.map((bytes) => ({ bytes, label })));
    const { channels, height, width } = this.shape;
    const size = channels * height * width;
    const bytes = new Uint8Array(all.length * size);
    all.forEach((picture, i) => bytes.set(picture.bytes, i * size));
    const labels = Uint16Array.from(all, ({ label }) => label);
    return { channels, height, width, classes: this.classes.map(({ name }) => name.trim()), bytes, labels };
  }
}
