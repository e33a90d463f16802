import { create } from '../../dom.ts';
import { paint, type Shape } from '../../images/pixels.ts';
import { colourByClass } from '../../palette.ts';
import { teach as text } from '../../strings/teach.ts';
import type { Class, PictureSet } from './set.ts';

/** Of a class, the newest so many pictures are shown. */
const MOST_TILES = 60;

/** What the classes on the page do. */
export interface Deeds {
  renamed(to: Class): void;
  /** Its picture files were asked for. */
  files(to: Class): void;
  /** Pictures that the running model draws were asked for; not offered without a model for such pictures. */
  drawn(to: Class): void;
  removed(which: Class): void;
  /** Other pictures are chosen, or another class is to be added to. */
  chose(): void;
}

/** One class on the page. */
interface Card {
  readonly of: Class;
  readonly frame: HTMLElement;
  readonly radio: HTMLInputElement;
  readonly name: HTMLInputElement;
  readonly count: HTMLElement;
  readonly tiles: HTMLElement;
  readonly more: HTMLElement;
  readonly files: HTMLButtonElement;
  readonly drawn: HTMLButtonElement;
  readonly remove: HTMLButtonElement;
}

/** The classes with their pictures: which is added to, and which pictures are chosen. */
export class Tiles {
  /** Pictures that are chosen, to be deleted or moved. */
  readonly chosen = new Set<Uint8Array>();
  readonly #list: HTMLElement;
  readonly #deeds: Deeds;
  readonly #set: PictureSet;
  #cards: Card[] = [];
  #into = 0;
  readonly #shown = new WeakMap<Uint8Array, HTMLButtonElement>();

  constructor(list: HTMLElement, set: PictureSet, deeds: Deeds) {
    this.#list = list;
    this.#set = set;
    this.#deeds = deeds;
  }

  /** The class that pictures are added to. */
  get into(): Class | undefined {
    return this.#set.classes[Math.min(this.#into, this.#set.classes.length - 1)];
  }

  /** Chooses the class that pictures are added to. */
  choose(which: Class): void {
    this.#into = Math.max(0, this.#set.classes.indexOf(which));
    this.show(undefined);
  }

  /** Brings the page to what the set is; `draws` names the model that can draw pictures, if there is one. */
  show(draws: string | undefined): void {
    const { classes, shape } = this.#set;
    const known = new Map(this.#cards.map((card) => [card.of, card]));
    this.#cards = classes.map((of) => known.get(of) ?? this.#card(of));
    hold(
      this.#list,
      this.#cards.map(({ frame }) => frame),
    );
    this.#into = Math.min(this.#into, classes.length - 1);
    this.#cards.forEach((card, i) => {
      const { of, frame, radio, name, count, tiles, more } = card;
      const called = of.name.trim() || text.className(i);
      colourByClass(frame, i, classes.length);
      radio.checked = i === this.#into;
      radio.setAttribute('aria-label', text.choose(called));
      name.setAttribute('aria-label', text.nameOf(i));
      if (name.value !== of.name) name.value = of.name;
      count.textContent = text.count(of.pictures.length);
      card.files.setAttribute('aria-label', text.filesOf(called));
      card.remove.setAttribute('aria-label', text.removeClass(called));
      card.remove.hidden = classes.length <= 2;
      if (draws !== undefined) card.drawn.setAttribute('aria-label', text.drawnOf(called, draws));
      const shown = of.pictures.slice(-MOST_TILES);
      const first = of.pictures.length - shown.length;
      hold(
        tiles,
        shown.map((picture, k) => this.#tile(picture, shape, text.tile(first + k, called))),
      );
      more.textContent = first > 0 ? text.more(first) : '';
    });
  }

  /** Offers pictures that a model draws, or does not. */
  offerDrawn(offered: boolean): void {
    for (const { drawn } of this.#cards) drawn.hidden = !offered;
  }

  #card(of: Class): Card {
    const radio = create('input', 'teach-into');
    Object.assign(radio, { type: 'radio', name: 'teach-into' });
    radio.addEventListener('change', () => {
      this.#into = this.#set.classes.indexOf(of);
      this.#deeds.chose();
    });
    const name = create('input', 'teach-name');
    Object.assign(name, { type: 'text', maxLength: 40, autocomplete: 'off', spellcheck: false });
    name.addEventListener('input', () => {
      of.name = name.value;
      this.#deeds.renamed(of);
    });
    const button = (className: string, words: string, press: () => void) => {
      const made = create('button', className, words);
      made.type = 'button';
      made.addEventListener('click', press);
      return made;
    };
    const files = button('quiet teach-files', text.files, () => this.#deeds.files(of));
    const drawn = button('quiet teach-ten', text.drawn, () => this.#deeds.drawn(of));
    const remove = button('quiet teach-remove-class', '×', () => this.#deeds.removed(of));
    const count = create('span', 'teach-count');
    const tiles = create('div', 'teach-tiles');
    const more = create('p', 'hint');
    const frame = create(
      'div',
      'teach-class',
      create('div', 'teach-class-head', radio, name, count, create('span', 'buttons', files, drawn, remove)),
      tiles,
      more,
    );
    return { of, frame, radio, name, count, tiles, more, files, drawn, remove };
  }

  #tile(picture: Uint8Array, shape: Shape, name: string): HTMLButtonElement {
    const known = this.#shown.get(picture);
    const tile = known ?? create('button', 'teach-tile');
    if (!known) {
      tile.type = 'button';
      const canvas = create('canvas', 'image');
      paint(canvas, picture, shape);
      tile.append(canvas);
      tile.addEventListener('click', () => {
        if (!this.chosen.delete(picture)) this.chosen.add(picture);
        tile.setAttribute('aria-pressed', String(this.chosen.has(picture)));
        this.#deeds.chose();
      });
      this.#shown.set(picture, tile);
    }
    tile.setAttribute('aria-label', name);
    tile.setAttribute('aria-pressed', String(this.chosen.has(picture)));
    return tile;
  }
}

/** Gives an element these children; those that it has already keep the focus. */
function hold(parent: HTMLElement, children: readonly HTMLElement[]): void {
  const wanted = new Set<Element>(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, i) => {
    const there = parent.children[i] ?? null;
    if (there !== child) parent.insertBefore(child, there);
  });
}
