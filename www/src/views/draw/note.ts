import type { FramedImage } from 'ibinn';
import type { App } from '../../app.ts';
import { element, input } from '../../dom.ts';
import type { Source } from '../../images/source.ts';
import { draw as text } from '../../strings/draw.ts';

/**
 * The line under the canvas: what is on it and how it was framed, beside the switch that leaves it as it is. The switch is
 * there where it changes something, and while the camera runs.
 */
export class Note {
  readonly #app: App;
  readonly #words = element('canvas-note');
  readonly #field = element('as-is-field');
  readonly #switch = input('as-is');
  #live = false;

  constructor(app: App) {
    this.#app = app;
    this.#switch.addEventListener('change', () => {
      const { image } = app.store.state;
      // While the camera runs, its next picture follows the switch.
      if (image.kind === 'image' && !this.#live) app.store.set({ image: { ...image, asItIs: this.asItIs } });
    });
  }

  /** Whether the image is to be left as it is. */
  get asItIs(): boolean {
    return this.#switch.checked;
  }

  /** Says some words about the image on the canvas. */
  say(words: string): void {
    this.#words.textContent = words;
  }

  /** Says that the canvas shows what the camera sees. */
  live(): void {
    this.#live = true;
    this.say(text.live);
    this.#show(false, this.#app.model?.card.framing !== undefined);
  }

  /** Says what is on the canvas, and what was done to it. */
  describe(source: Source, { how, inverted, scale }: FramedImage): void {
    this.#live = false;
    element('canvas-hint').hidden = source.kind !== 'empty';
    const framing = this.#app.model?.card.framing;
    const asItIs = framing !== undefined && source.kind === 'image' && source.asItIs;
    this.#show(asItIs, asItIs || how === 'framed');
    if (source.kind === 'sample') return this.say(text.from(this.#app.wanted.classes[source.class] ?? ''));
    if (source.kind === 'empty') return this.say(text.empty);
    if (asItIs) return this.say(text.asItIs);
    if (how === 'unchanged' || !framing) return this.say(text.own);
    this.say(how === 'fitted' ? text.noGround : text.framed(inverted, framing.ground < 128, scale));
  }

  #show(asItIs: boolean, offered: boolean): void {
    this.#switch.checked = asItIs;
    this.#field.hidden = !offered;
  }
}
