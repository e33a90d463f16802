import type { Classification } from 'ibinn';
import type { App } from '../../app.ts';
import { busy } from '../../busy.ts';
import { create, element } from '../../dom.ts';
import type { ListedModel } from '../../models/list.ts';
import { draw as text } from '../../strings/draw.ts';
import { verdict as words } from '../../strings/verdict.ts';
import { whenVisible } from '../../whenVisible.ts';

/** The row follows when the image has rested for this long: drawing is not to wait for seven models. */
const REST_MS = 150;

interface Column {
  readonly listed: ListedModel;
  readonly item: HTMLElement;
  readonly said: HTMLElement;
  /** The image that it tells of. */
  shown: Float32Array | undefined;
}

/** What every model of the group says of the image on the canvas, side by side. */
export class EveryGamma {
  readonly #app: App;
  readonly #frame = element('every');
  readonly #refresh = whenVisible(this.#frame, () => void this.#work());
  #columns: readonly Column[] = [];
  #pixels: Float32Array | undefined;
  #resting: ReturnType<typeof setTimeout> | undefined;
  #running = false;

  constructor(app: App) {
    this.#app = app;
    app.onWanted(() => this.#layOut());
    app.onProgress((listed) => this.#progressed(listed));
    app.store.subscribe((changed) => {
      // Models that another executor ran have gone, and come again.
      if (changed.has('executor')) for (const column of this.#columns) column.shown = undefined;
    });
  }

  /** Follows to another image, C·H·W pixels in [0, 1], as soon as it rests. */
  show(pixels: Float32Array): void {
    this.#pixels = pixels;
    clearTimeout(this.#resting);
    this.#resting = setTimeout(this.#refresh, REST_MS);
  }

  #layOut(): void {
    const { group, wanted } = this.#app;
    this.#frame.hidden = group.length < 2;
    if (group.length !== this.#columns.length || group.some((listed, i) => listed !== this.#columns[i]?.listed)) {
      this.#pixels = undefined;
      this.#columns = group.map((listed) => {
        const turn = create('button', 'quiet', listed.label);
        turn.type = 'button';
        turn.title = text.turnTo(listed.label);
        turn.addEventListener('click', () => this.#app.store.turnTo(listed.name));
        const said = create('div', 'every-said');
        return { listed, item: create('li', '', turn, said), said, shown: undefined };
      });
      element('every-row').replaceChildren(...this.#columns.map(({ item }) => item));
      for (const { listed } of this.#columns) this.#progressed(listed);
    }
    for (const { listed, item } of this.#columns) item.classList.toggle('chosen', listed === wanted);
  }

  #progressed(listed: ListedModel): void {
    const column = this.#columns.find((one) => one.listed === listed);
    if (!column) return;
    const share = this.#app.arrived(listed);
    if (share === 1) return this.#refresh();
    if (column.shown) return;
    if (share > 0) return column.said.replaceChildren(create('p', 'hint', text.arriving(share)));
    const load = create('button', '', text.load);
    load.type = 'button';
    load.addEventListener('click', () => void this.#app.get(listed).catch(this.#app.fail));
    column.said.replaceChildren(load);
  }

  async #work(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    const done = busy(this.#frame);
    try {
      for (let column = this.#next(); column; column = this.#next()) {
        const pixels = this.#pixels!;
        column.shown = pixels;
        const model = await this.#app.get(column.listed);
        const [result] = await model.classify(pixels);
        if (result && pixels === this.#pixels) say(column, result);
      }
    } catch {
      // A model that was left, or is lost, says nothing; whoever turns to it is told why.
    } finally {
      this.#running = false;
      done();
    }
  }

  /** The next model that is there and has not yet seen the image. */
  #next(): Column | undefined {
    const pixels = this.#pixels;
    const { channels, height, width } = this.#app.wanted;
    if (pixels?.length !== channels * height * width) return undefined;
    return this.#columns.find(({ listed, shown }) => shown !== pixels && this.#app.arrived(listed) === 1);
  }
}

function say({ listed, said }: Column, { prediction, posterior, bitsPerDim, novelty }: Classification): void {
  const name = listed.classes[prediction] ?? '';
  const share = posterior[prediction] ?? 0;
  said.replaceChildren(
    create('p', 'verdict-word', novelty ? words.names[novelty.verdict] : text.noVerdict),
    create('p', 'every-class', text.verdict(name, share)),
    create('p', 'hint', novelty ? words.p(novelty.p) : ''),
    create('p', 'hint', text.bits(bitsPerDim)),
  );
  said.dataset.verdict = novelty?.verdict ?? '';
}
