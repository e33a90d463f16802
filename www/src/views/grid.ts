import { create } from '../dom.ts';
import { colourByClass } from '../palette.ts';
import { paint, type Shape } from '../pixels.ts';
import { sample as text } from '../strings.ts';
import type { Pick } from '../state.ts';

/** One sample in the grid: a button that shows it. */
export interface Tile extends Pick {
  readonly button: HTMLButtonElement;
  readonly canvas: HTMLCanvasElement;
  /** The image that it shows, C·H·W bytes; undefined until it has been drawn. */
  bytes: Uint8Array | undefined;
}

/** What the grid consists of: rows of classes with so many samples each. */
export interface Layout {
  readonly classes: readonly number[];
  readonly names: readonly string[];
  readonly count: number;
}

/**
 * The samples, a row for each class. One tile takes part in the order of the Tab key; the arrow keys go on to the
 * others.
 */
export class Grid {
  tiles: Tile[] = [];
  /** The tile that is marked as picked. */
  picked: Tile | undefined;
  readonly #element: HTMLElement;
  readonly #onpick: (pick: Pick) => void;

  constructor(element: HTMLElement, onpick: (pick: Pick) => void) {
    this.#element = element;
    this.#onpick = onpick;
    element.addEventListener('keydown', (event) => this.#move(event));
  }

  /** Lays the grid out anew; a tile that was there before keeps its image until it is drawn again. */
  layOut({ classes, names, count }: Layout): void {
    const before = new Map(this.tiles.map((tile) => [`${tile.class}_${tile.index}`, tile]));
    this.tiles = [];
    const rows = classes.map((classNumber) => {
      const name = names[classNumber] ?? String(classNumber);
      const images = create('div', 'images');
      for (let index = 0; index < count; index++) {
        const tile = before.get(`${classNumber}_${index}`) ?? this.#tile(classNumber, index, name);
        this.tiles.push(tile);
        images.append(tile.button);
      }
      const row = create('div', 'row', create('p', 'row-name', name), images);
      colourByClass(row, classNumber, names.length);
      return row;
    });
    this.#element.style.setProperty('--count', String(count));
    this.#element.classList.toggle('one-class', classes.length === 1);
    this.#element.replaceChildren(...rows);
  }

  /** Forgets all images, as for another model. */
  clear(): void {
    this.tiles = [];
    this.#element.replaceChildren();
  }

  /** Shows a sample that has been drawn. */
  show(tile: Tile, bytes: Uint8Array, shape: Shape): void {
    tile.bytes = bytes;
    paint(tile.canvas, bytes, shape);
  }

  /** Marks the picked tile, or the first one where the pick is not in the grid. */
  mark(pick: Pick): void {
    this.picked = this.tiles.find((tile) => tile.class === pick.class && tile.index === pick.index) ?? this.tiles[0];
    for (const { button } of this.tiles) {
      const marked = button === this.picked?.button;
      button.setAttribute('aria-pressed', String(marked));
      button.tabIndex = marked ? 0 : -1;
    }
  }

  #tile(classNumber: number, index: number, name: string): Tile {
    const canvas = create('canvas', 'image');
    const button = create('button', 'tile', canvas);
    button.type = 'button';
    button.setAttribute('aria-label', text.tile(name, index));
    button.addEventListener('click', () => this.#onpick({ class: classNumber, index }));
    return { class: classNumber, index, button, canvas, bytes: undefined };
  }

  #move(event: KeyboardEvent): void {
    const from = this.tiles.findIndex(({ button }) => button === event.target);
    const to = this.#target(event.key, from);
    if (from < 0 || !to) return;
    event.preventDefault();
    to.button.focus();
  }

  /** The tile that a key leads to; up and down go by where tiles are on the screen, since rows may wrap. */
  #target(key: string, from: number): Tile | undefined {
    if (key === 'Home') return this.tiles[0];
    if (key === 'End') return this.tiles.at(-1);
    if (key === 'ArrowLeft') return this.tiles[from - 1];
    if (key === 'ArrowRight') return this.tiles[from + 1];
    const { offsetLeft: left, offsetTop: top } = this.tiles[from]?.button ?? this.#element;
    const others = key === 'ArrowDown' ? this.tiles.slice(from + 1) : this.tiles.slice(0, from).reverse();
    if (key !== 'ArrowDown' && key !== 'ArrowUp') return undefined;
    return others.find(({ button }) => button.offsetLeft === left && button.offsetTop !== top);
  }
}
