import type { Model } from 'ibinn';
import type { App } from '../../app.ts';
import { create } from '../../dom.ts';
import { paint } from '../../images/pixels.ts';
import type { Source } from '../../images/source.ts';
import { newSeed } from '../../seeds.ts';
import { interpolate as text } from '../../strings/interpolate.ts';

/** The value of the list's entry for the visitor's own image. */
const OWN = 'own';

/** One end of the interpolation: its image, and the class that it is a sample of. */
export class End {
  readonly #app: App;
  readonly #property: 'a' | 'b';
  readonly #canvas = create('canvas', 'image');
  readonly #select = create('select');

  constructor(app: App, frame: HTMLElement, property: 'a' | 'b') {
    this.#app = app;
    this.#property = property;
    const letter = property.toUpperCase();
    this.#select.setAttribute('aria-label', text.chooseEnd(letter));
    this.#select.addEventListener('change', () => this.#set(Number(this.#select.value), 0));
    const another = create('button', 'icon dice');
    another.type = 'button';
    another.title = text.another(letter);
    another.setAttribute('aria-label', text.another(letter));
    another.addEventListener('click', () => {
      const source = app.store.state[property];
      this.#set(source.kind === 'sample' ? source.class : 0, newSeed());
    });
    frame.append(this.#canvas, create('div', 'joined', this.#select, another));
  }

  /** Offers a model's classes. */
  setClasses(names: readonly string[]): void {
    const options = names.map((name, k) => new Option(name, String(k)));
    this.#select.replaceChildren(...options, new Option(text.ownImage, OWN));
  }

  /** Shows the end's image. */
  show(source: Source, bytes: Uint8Array, { spec }: Model): void {
    paint(this.#canvas, bytes, spec);
    const own = this.#select.querySelector<HTMLOptionElement>(`option[value=${OWN}]`);
    if (own) own.disabled = source.kind === 'sample';
    this.#select.value = source.kind === 'sample' ? String(source.class) : OWN;
  }

  #set(classNumber: number, seed: number): void {
    const { temperature } = this.#app.store.state;
    this.#app.store.set({ [this.#property]: { kind: 'sample', class: classNumber, index: 0, seed, temperature } });
  }
}
