import type { Model } from 'ibinn';
import type { App } from '../../app.ts';
import { busy } from '../../busy.ts';
import { nth, toBytes } from '../../images/pixels.ts';
import type { Grid, Tile } from './grid.ts';

/** As many images are asked for at once, so that the grid fills as results arrive and others get their turn. */
const CHUNK = 10;

/** What a drawing tells of its course. */
export interface Course {
  started?(): void;
  /** A tile shows its image. */
  drawn?(tile: Tile): void;
  /** All tiles are drawn; seconds since the start, or undefined when something went wrong. */
  ended?(seconds: number | undefined): void;
}

/**
 * Draws the grid of a view chunk by chunk. When a control moves, every chunk is drawn again, beginning with the one whose
 * turn it is: so all rows follow a moving slider, not the first ones alone.
 */
export class Drawing {
  readonly #app: App;
  readonly #view: HTMLElement;
  readonly #grid: Grid;
  readonly #course: Course;
  /** Tiles that are yet to be drawn with the current settings. */
  #stale: Tile[] = [];
  #running = false;
  #started = 0;
  /** Counts how often it was asked to start: problems of an older wish are past. */
  #wish = 0;

  constructor(app: App, view: HTMLElement, grid: Grid, course: Course = {}) {
    this.#app = app;
    this.#view = view;
    this.#grid = grid;
    this.#course = course;
  }

  /** Draws all tiles, with the settings of the state. */
  start(): void {
    this.#wish++;
    const next = this.#stale[0];
    const { tiles } = this.#grid;
    const at = next ? Math.max(0, tiles.indexOf(next)) : 0;
    this.#stale = [...tiles.slice(at), ...tiles.slice(0, at)];
    this.#started = performance.now();
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    const done = busy(this.#view);
    this.#grid.busy = true;
    this.#course.started?.();
    let going = true;
    while (going && this.#stale.length > 0) {
      const wish = this.#wish;
      going = (await this.#app.use((model) => this.#chunk(model))) || wish !== this.#wish;
    }
    this.#running = false;
    this.#course.ended?.(going ? (performance.now() - this.#started) / 1000 : undefined);
    this.#grid.busy = false;
    done();
  }

  /** Draws the next tiles that are samples of one class and follow each other. */
  async #chunk(running: Model): Promise<void> {
    // The models of tiles that were taken out of the grid may belong to a group that was left.
    const inGrid = new Set(this.#grid.tiles);
    this.#stale = this.#stale.filter((tile) => inGrid.has(tile));
    const first = this.#next();
    if (!first) return;
    const place = this.#stale.indexOf(first);
    const follows = (tile: Tile, i: number) =>
      tile.listed === first.listed && tile.class === first.class && tile.index === first.index + i;
    const rest = this.#stale.slice(place, place + CHUNK);
    const apart = rest.findIndex((tile, i) => !follows(tile, i));
    const tiles = this.#stale.splice(place, apart < 0 ? rest.length : apart);
    const { temperature, seed } = this.#app.store.state;
    const wanted = { class: first.class, count: tiles.length, first: first.index, temperature, seed };
    const model = first.listed ? await this.#app.get(first.listed) : running;
    const { pixels } = await model.sample(wanted);
    if (!first.listed && model !== this.#app.model) return;
    tiles.forEach((tile, i) => {
      this.#grid.show(tile, toBytes(nth(pixels, i, model.spec)), model.spec);
      this.#course.drawn?.(tile);
    });
  }

  /** The next tile, those first whose model is there. */
  #next(): Tile | undefined {
    return this.#stale.find(({ listed }) => !listed || this.#app.arrived(listed) === 1) ?? this.#stale[0];
  }
}
