import type { Model } from 'ibinn';
import { canvas, element } from '../../dom.ts';
import { draw as text } from '../../strings/draw.ts';
import { Plot } from '../map/plot.ts';

/** Where the image on the canvas lies among the test images, and the way that it has come while it was disturbed. */
export class Place {
  readonly #plot = new Plot(canvas('place'));
  #has = false;

  /** Shows the map of a model. */
  setModel({ card, spec }: Model): void {
    const map = card.evaluation?.latent_map;
    this.#has = map !== undefined;
    this.#plot.setMap(map, spec.classes);
    element('place-note').textContent = this.#has ? text.page.placeNote : text.noMap;
  }

  /** Moves to the latent of the image; `anew` when it is another image than before. */
  async show(model: Model, z: Float32Array, anew: boolean): Promise<void> {
    if (!this.#has) return;
    const [x, y] = await model.project(z);
    if (x !== undefined && y !== undefined) this.#plot.setPoint([x, y], anew);
  }
}
