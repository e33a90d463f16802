import type { App } from '../../app.ts';
import { busy } from '../../busy.ts';
import { create, element } from '../../dom.ts';
import { paint } from '../../images/pixels.ts';
import type { ListedModel } from '../../models/list.ts';
import { interpolate as text } from '../../strings/interpolate.ts';
import { type Route, routeOf } from './route.ts';

/** The same walk for every model of the group, a row each. A row's name leads to its model. */
export class Gammas {
  readonly #app: App;
  readonly #frame = element('gammas');
  #rows: { readonly listed: ListedModel; readonly images: HTMLElement; readonly row: HTMLElement }[] = [];
  #routes = new Map<string, Route>();
  #turn = 0;

  constructor(app: App) {
    this.#app = app;
    app.onWanted((wanted) =>
      this.#rows.forEach(({ listed, row }) => row.classList.toggle('chosen', listed === wanted)),
    );
  }

  /** Walks anew, one model after the other, those first that are there. */
  async draw(): Promise<void> {
    const turn = ++this.#turn;
    const done = busy(this.#frame);
    try {
      await this.#walk(turn);
    } finally {
      done();
    }
  }

  /** Leaves the walk that is under way, as when its models are. */
  stop(): void {
    this.#turn++;
  }

  /** Takes the rows away. */
  clear(): void {
    this.stop();
    this.#rows = [];
    this.#routes.clear();
    this.#frame.replaceChildren();
  }

  /** The strips that are there, in the order of the rows. */
  strips(): (readonly Uint8Array[])[] {
    return this.#rows.flatMap(({ listed }) => {
      const route = this.#routes.get(listed.name);
      return route ? [route.strip] : [];
    });
  }

  async #walk(turn: number): Promise<void> {
    const { group, store } = this.#app;
    this.#layOut(group);
    const ready = (listed: ListedModel) => this.#app.arrived(listed) === 1;
    const order = [...group.filter(ready), ...group.filter((listed) => !ready(listed))];
    for (const listed of order) {
      try {
        const route = await routeOf(await this.#app.get(listed), store.state);
        if (turn !== this.#turn) return;
        this.#routes.set(listed.name, route);
        this.#show(listed, route);
      } catch (problem) {
        if (turn !== this.#turn) return;
        this.#app.fail(problem);
      }
    }
  }

  #layOut(group: readonly ListedModel[]): void {
    if (this.#rows.length === group.length && this.#rows.every(({ listed }, i) => listed === group[i])) return;
    this.#routes.clear();
    this.#rows = group.map((listed) => {
      const name = create('button', 'quiet', listed.label);
      name.type = 'button';
      name.title = text.turnTo(listed.label);
      name.addEventListener('click', () => this.#app.store.turnTo(listed.name));
      const images = create('div', 'strip');
      const row = create('div', 'gamma-row', name, images);
      row.classList.toggle('chosen', listed === this.#app.wanted);
      return { listed, images, row };
    });
    this.#frame.replaceChildren(...this.#rows.map(({ row }) => row));
  }

  #show(listed: ListedModel, { strip, model }: Route): void {
    const { images } = this.#rows.find((row) => row.listed === listed) ?? {};
    if (!images) return;
    images.style.setProperty('--steps', String(strip.length));
    images.setAttribute('role', 'img');
    images.setAttribute('aria-label', text.rowOf(listed.label));
    const canvases = strip.map((bytes, i) => {
      const canvas = (images.children[i] as HTMLCanvasElement | undefined) ?? create('canvas', 'image');
      paint(canvas, bytes, model.spec);
      return canvas;
    });
    images.replaceChildren(...canvases);
  }
}
