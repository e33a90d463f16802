import { create } from '../../dom.ts';
import { paint, type Shape } from '../../images/pixels.ts';
import type { ListedModel } from '../../models/list.ts';
import { colourByClass } from '../../palette.ts';
import type { Pick } from '../../state.ts';

/** A place in the grid for one sample. */
export interface Place extends Pick {
  /** The model that draws it; the one that runs when left out. */
  readonly listed?: ListedModel;
  /** What it is called when it is read out. */
  readonly name: string;
}

/** One sample in the grid: a button that shows it. */
export interface Tile extends Place {
  readonly button: HTMLButtonElement;
  readonly canvas: HTMLCanvasElement;
  /** The image that it shows, C·H·W bytes; undefined until it has been drawn. */
  bytes: Uint8Array | undefined;
}

/** A row of the grid: its name, with the colour of a class if it is one, and its samples. */
export interface Row {
  readonly name: string;
  readonly colour?: { readonly class: number; readonly classes: number };
  readonly tiles: readonly Place[];
}

/** Samples in rows. One tile takes part in the order of the Tab key; the arrow keys go on to the others. */
export class Grid {
  tiles: Tile[] = [];
  /** The tile that is marked as picked. */
  picked: Tile | undefined;
  readonly #element: HTMLElement;
  readonly #onpick: (tile: Tile) => void;

  constructor(element: HTMLElement, onpick: (tile: Tile) => void) {
    this.#element = element;
    this.#onpick = onpick;
    element.addEventListener('keydown', (event) => this.#move(event));
  }

  /** Lays the grid out anew for images of a shape; a tile that was there keeps its image until it is drawn again. */
  layOut(rows: readonly Row[], shape: Shape): void {
    const before = new Map(this.tiles.map((tile) => [key(tile), tile]));
    this.tiles = [];
    const made = rows.map(({ name, colour, tiles }) => {
      const images = create('div', 'images');
      for (const place of tiles) {
        const tile = before.get(key(place)) ?? this.#tile(place, shape);
        this.tiles.push(tile);
        images.append(tile.button);
      }
      const row = create('div', 'row', create('p', 'row-name', name), images);
      if (colour) colourByClass(row, colour.class, colour.classes);
      return row;
    });
    this.#element.style.setProperty('--count', String(Math.max(1, ...rows.map(({ tiles }) => tiles.length))));
    this.#element.replaceChildren(...made);
  }

  /** Whether images are being drawn, for those who cannot see it. */
  set busy(busy: boolean) {
    this.#element.setAttribute('aria-busy', String(busy));
  }

  /** Forgets all images, as for another group of models. */
  clear(): void {
    this.tiles = [];
    this.#element.replaceChildren();
  }

  /** Shows a sample that has been drawn. */
  show(tile: Tile, bytes: Uint8Array, shape: Shape): void {
    tile.bytes = bytes;
    paint(tile.canvas, bytes, shape);
  }

  /** Marks the tile at a place, or the first one where there is none; marks nothing without a place. */
  mark(pick: Pick | undefined, listed?: ListedModel): void {
    const at = (tile: Tile) => tile.class === pick?.class && tile.index === pick.index;
    this.picked =
      pick && (this.tiles.find((tile) => at(tile) && tile.listed === listed) ?? this.tiles.find(at) ?? this.tiles[0]);
    const inTabOrder = this.picked ?? this.tiles[0];
    for (const tile of this.tiles) {
      if (pick) tile.button.setAttribute('aria-pressed', String(tile === this.picked));
      tile.button.tabIndex = tile === inTabOrder ? 0 : -1;
    }
  }

  #tile(place: Place, { width, height }: Shape): Tile {
    const canvas = create('canvas', 'image');
    Object.assign(canvas, { width, height });
    const button = create('button', 'tile', canvas);
    button.type = 'button';
    button.setAttribute('aria-label', place.name);
    const tile = { ...place, button, canvas, bytes: undefined };
    button.addEventListener('click', () => this.#onpick(tile));
    return tile;
  }

  #move(event: KeyboardEvent): void {
    const from = this.tiles.findIndex(({ button }) => button === event.target);
    const to = this.#target(event.key, from);
    if (from < 0 || !to) return;
    event.preventDefault();
    to.button.focus();
  }

  /** The tile that a key leads to, by where tiles are on the screen, since rows may wrap or stand upright. */
  #target(key: string, from: number): Tile | undefined {
    if (key === 'Home') return this.tiles[0];
    if (key === 'End') return this.tiles.at(-1);
    const here = this.tiles[from]?.button.getBoundingClientRect();
    const direction = DIRECTIONS[key];
    if (!here || !direction) return undefined;
    const [dx, dy] = direction;
    const ahead = this.tiles.flatMap((tile) => {
      const there = tile.button.getBoundingClientRect();
      const [x, y] = [there.left - here.left, there.top - here.top];
      const along = x * dx + y * dy;
      return along > 1 ? { tile, far: along + 100 * Math.abs(x * dy + y * dx) } : [];
    });
    return ahead.reduce<(typeof ahead)[number] | undefined>(
      (best, next) => (best && best.far <= next.far ? best : next),
      undefined,
    )?.tile;
  }
}

const DIRECTIONS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

function key({ listed, class: classNumber, index }: Place): string {
  return `${listed?.name ?? ''} ${classNumber} ${index}`;
}
