/**
 * `<ibinn-sampler>`: samples of a model, on any page.
 *
 * ```html
 * <script type="module" src="dist/sampler.js"></script>
 * <ibinn-sampler src="models/fashion-mnist-gamma-1.safetensors" of="sneaker" count="12"></ibinn-sampler>
 * ```
 *
 * @packageDocumentation
 */

import { load } from './index.js';
import { IbinnError, messageOf } from './error.js';
import type { ExecutorChoice, Model } from './types.js';

/** As many samples are asked for at once, so that the first are shown before the last are drawn. */
const CHUNK = 6;
/** As many samples are drawn at most. */
const MOST = 10_000;

const STYLE = `
  :host { display: block; --columns: 6; --gap: 4px; }
  :host([hidden]) { display: none; }
  .grid { display: grid; grid-template-columns: repeat(var(--columns), minmax(0, 1fr)); gap: var(--gap); }
  button { display: block; padding: 0; border: 0; background: none; cursor: pointer; }
  button:focus-visible { outline: 2px solid Highlight; outline-offset: 2px; }
  canvas { display: block; width: 100%; background: #000; image-rendering: pixelated; }
  progress { width: 100%; }
  p { min-height: 1.2em; margin: 0.4em 0 0; font-size: 0.85em; }
`;

/** What the event `sample` tells, which fires when a sample is clicked. */
export interface SampleDetail {
  /** Its index under the seed. */
  index: number;
  /** Its class, from 0 to K − 1. */
  class: number;
  /** Its latent, D numbers. */
  z: Float32Array;
  /** Its pixels in [0, 1], C×H×W. */
  pixels: Float32Array;
  /** The model that drew it, for whatever else is wanted of it. */
  model: Model;
}

/**
 * The custom element. Attributes, all of which may change at any time:
 *
 * | attribute | |
 * |---|---|
 * | `src` | address of the model file, relative to the page; required |
 * | `of` | the class, by name or number; the first when left out |
 * | `count` | how many samples; 6 when left out |
 * | `temperature` | T; 0.7 when left out |
 * | `seed` | 0 when left out |
 * | `executor` | `auto`, `gpu` or `cpu` |
 *
 * A bar below the samples shows how far the download has come, and a line says one sentence when something is wrong. The
 * custom properties `--columns` and `--gap`, and the parts `image`, `progress` and `status`, style it.
 */
export class IbinnSampler extends HTMLElement {
  /** Attributes whose change draws anew. */
  static readonly observedAttributes = ['src', 'of', 'count', 'temperature', 'seed', 'executor'];

  readonly #grid = document.createElement('div');
  readonly #progress = document.createElement('progress');
  readonly #status = document.createElement('p');
  #loading: { readonly key: string; readonly abort: AbortController; readonly model: Promise<Model> } | undefined;
  /** Counts what was asked for: what is drawn for an older wish is not shown. */
  #wish = 0;

  constructor() {
    super();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [sheet];
    this.#grid.className = 'grid';
    this.#grid.setAttribute('role', 'group');
    this.#status.setAttribute('role', 'status');
    this.#status.part.add('status');
    this.#progress.setAttribute('aria-label', 'Download of the model');
    this.#progress.part.add('progress');
    this.#progress.hidden = true;
    root.append(this.#grid, this.#progress, this.#status);
  }

  /** The model, once it has loaded; undefined before there is a `src`, and after a failure. Rejects when it cannot be loaded. */
  get model(): Promise<Model> | undefined {
    return this.#loading?.model;
  }

  connectedCallback(): void {
    void this.#draw();
  }

  disconnectedCallback(): void {
    this.#wish++;
    this.#leave();
  }

  attributeChangedCallback(): void {
    if (this.isConnected) {
      void this.#draw();
    }
  }

  async #draw(): Promise<void> {
    const wish = ++this.#wish;
    // Attributes that are set one after the other are one wish.
    await Promise.resolve();
    const current = () => wish === this.#wish;
    if (!current()) {
      return;
    }
    let model: Model | undefined;
    try {
      model = await this.#load();
      if (!model || !current()) {
        return;
      }
      this.#progress.hidden = true;
      const classNumber = this.#class(model);
      const count = this.#number('count', 6);
      if (!(Number.isInteger(count) && count >= 1 && count <= MOST)) {
        throw new IbinnError(`count is ${count}, must be a whole number from 1 to ${MOST}`);
      }
      const wanted = {
        class: classNumber,
        temperature: this.#number('temperature', 0.7),
        seed: this.#number('seed', 0),
      };
      this.#grid.setAttribute('aria-label', `Samples of ${model.spec.classes[classNumber] ?? ''}`);
      this.#grid.replaceChildren(...Array.from(this.#grid.children).slice(0, count));
      for (let first = 0; first < count; first += CHUNK) {
        const { z, pixels } = await model.sample({ ...wanted, count: Math.min(CHUNK, count - first), first });
        if (!current()) {
          return;
        }
        const { dims } = model.spec;
        for (let i = 0; i * dims < z.length; i++) {
          const part = (all: Float32Array) => all.slice(i * dims, (i + 1) * dims);
          this.#show({ index: first + i, class: classNumber, z: part(z), pixels: part(pixels), model });
        }
      }
      this.#status.textContent = '';
    } catch (thrown) {
      if (current()) {
        this.#grid.replaceChildren();
        this.#status.textContent = messageOf(thrown);
        // What could not be loaded, or has stopped, is loaded anew for the next wish.
        if (!model || model.ended) {
          this.#leave();
        }
      }
    }
  }

  /** The model that the attributes name; the one that is there already when it is the same. */
  async #load(): Promise<Model | undefined> {
    const src = this.getAttribute('src');
    const executor = (this.getAttribute('executor') ?? 'auto') as ExecutorChoice;
    const key = `${executor} ${src}`;
    if (this.#loading?.key !== key) {
      this.#leave();
      if (!src) {
        return undefined;
      }
      const abort = new AbortController();
      this.#status.textContent = 'Loading …';
      this.#progress.removeAttribute('value');
      this.#progress.hidden = false;
      const onProgress = (loaded: number, total: number | undefined) => {
        if (!abort.signal.aborted && total) {
          this.#progress.value = loaded / total;
        }
      };
      const model = load(new URL(src, document.baseURI), { executor, onProgress, signal: abort.signal });
      this.#loading = { key, abort, model };
    }
    return this.#loading?.model;
  }

  #leave(): void {
    const { abort, model } = this.#loading ?? {};
    this.#loading = undefined;
    this.#progress.hidden = true;
    abort?.abort();
    // One that failed has nothing to close, and has said so.
    model?.then(
      (loaded) => loaded.close(),
      () => undefined,
    );
  }

  #class({ spec }: Model): number {
    const of = this.getAttribute('of') ?? '0';
    const named = spec.classes.indexOf(of);
    return named >= 0 ? named : Number(of);
  }

  #number(name: string, otherwise: number): number {
    const text = this.getAttribute(name);
    return text === null || text.trim() === '' ? otherwise : Number(text);
  }

  #show(detail: SampleDetail): void {
    const { channels, height, width, classes } = detail.model.spec;
    const button =
      (this.#grid.children[detail.index] as HTMLButtonElement | undefined) ?? document.createElement('button');
    const canvas = button.querySelector('canvas') ?? document.createElement('canvas');
    Object.assign(canvas, { width, height });
    canvas.part.add('image');
    const data = new ImageData(width, height);
    const plane = width * height;
    for (let i = 0; i < plane; i++) {
      for (let c = 0; c < 3; c++) {
        data.data[4 * i + c] = Math.round(255 * (detail.pixels[(channels === 1 ? 0 : c) * plane + i] ?? 0));
      }
      data.data[4 * i + 3] = 255;
    }
    canvas.getContext('2d')?.putImageData(data, 0, 0);
    button.type = 'button';
    button.setAttribute('aria-label', `${classes[detail.class] ?? ''}, sample ${detail.index + 1}`);
    button.onclick = () => this.dispatchEvent(new CustomEvent<SampleDetail>('sample', { detail, bubbles: true }));
    button.append(canvas);
    if (!button.isConnected) {
      this.#grid.append(button);
    }
  }
}

customElements.define('ibinn-sampler', IbinnSampler);

declare global {
  interface HTMLElementTagNameMap {
    'ibinn-sampler': IbinnSampler;
  }
}
