import type { FramedImage } from 'ibinn';
import type { App } from '../../app.ts';
import { button } from '../../dom.ts';
import { adapt } from '../../images/adapt.ts';
import { asPicture, framed } from '../../images/frame.ts';
import { own, type Source } from '../../images/source.ts';
import { readImage } from '../../images/upload.ts';
import { draw as text } from '../../strings/draw.ts';

/** An image that was framed, or is as it was: the other of the two, and what was done. */
interface Framed {
  readonly other: Source;
  readonly note: string;
  /** What the button that leads to the other says. */
  readonly lead: string;
}

/**
 * Brings pictures and drawings to how the model's training images lie on their plain ground, where its card says how; the
 * picture as it is stays one press away. Models without such a ground get light on black by a button, and by it alone.
 */
export class Framer {
  readonly #app: App;
  readonly #framed = new WeakMap<Source, Framed>();

  constructor(app: App, drawn: () => Uint8Array) {
    this.#app = app;
    button('adapt').addEventListener('click', () => void this.#adapt(drawn()).catch(app.fail));
    button('as-is').addEventListener('click', () => {
      const other = this.#framed.get(app.store.state.image)?.other;
      if (other) app.store.set({ image: other });
    });
    app.onModel(({ card }) => {
      button('adapt').textContent = card.framing ? text.frame : text.page.adapt;
      button('adapt').title = card.framing ? text.frameHint : text.page.adaptHint;
    });
  }

  /** A picture file as an image for the canvas. Rejects as `readImage` does. */
  async read(file: Blob, name: string): Promise<Source> {
    const shape = this.#app.wanted;
    const done = await readImage(file, name, shape, this.#framing);
    if (done.how !== 'framed') return own(done.image);
    return this.#pair(done, own((await readImage(file, name, shape, undefined)).image));
  }

  /** What was done to an image of the canvas, and offers the other one; nothing where nothing was done. */
  describe(source: Source): string | undefined {
    const known = this.#framed.get(source);
    button('as-is').hidden = known === undefined;
    button('as-is').textContent = known?.lead ?? '';
    return known?.note;
  }

  /** Whether a drawing, C·H·W bytes, lies otherwise than the training images do. */
  async liesOtherwise(bytes: Uint8Array): Promise<boolean> {
    const framing = this.#framing;
    if (!framing) return false;
    return (await framed(asPicture(bytes, this.#app.wanted), this.#app.wanted, framing)).how === 'framed';
  }

  get #framing() {
    return this.#app.model?.card.framing;
  }

  async #adapt(bytes: Uint8Array): Promise<void> {
    const { store, wanted } = this.#app;
    const framing = this.#framing;
    if (!framing) return store.set({ image: own(adapt(bytes, wanted)) });
    const done = await framed(asPicture(bytes, wanted), wanted, framing);
    if (done.how === 'framed') store.set({ image: this.#pair(done, own(bytes)) });
  }

  /** The framed image, with the way to the one that it was made of, and back. */
  #pair(done: FramedImage, asItIs: Source): Source {
    const image = own(done.image);
    this.#framed.set(image, { other: asItIs, note: text.framed(done.inverted, done.scale), lead: text.asItIs });
    this.#framed.set(asItIs, { other: image, note: text.unframed, lead: text.frame });
    return image;
  }
}
