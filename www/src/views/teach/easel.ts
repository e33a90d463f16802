import { type Framing, framePicture } from 'ibinn';
import { button, canvas, element } from '../../dom.ts';
import { asPicture, type Shape } from '../../images/pixels.ts';
import type { Source } from '../../images/source.ts';
import { teach as text } from '../../strings/teach.ts';
import { Camera } from '../draw/camera.ts';
import { DrawingCanvas } from '../draw/drawingCanvas.ts';

/** While the button is held, the camera takes a picture as often as this. */
const TAKE_MS = 100;

/** What the easel needs of the view. */
export interface Bench {
  shape(): Shape;
  /** How pictures are framed before they are looked at; as they are where there is nothing. */
  framing(): Framing | undefined;
  /** What is on the easel has changed. */
  changed(): void;
  /** A picture is to be added to the chosen class. */
  add(picture: Uint8Array): void;
  fail(problem: unknown): void;
}

/** Where pictures are drawn, or seen by the camera, and added from. */
export class Easel {
  readonly #bench: Bench;
  readonly #drawing = new DrawingCanvas(canvas('teach-canvas'));
  readonly #camera: Camera;
  /** What is on it as it is looked at, where that is known. */
  #seen: Uint8Array | undefined;
  #into = '';
  #holds = false;
  #took = 0;
  /** Pictures that were taken since the button was pressed. */
  #taken = 0;

  constructor(bench: Bench) {
    this.#bench = bench;
    this.#camera = new Camera((picture) => this.#sees(picture), bench.fail);
    this.#drawing.brush = { size: 2.5, colour: '#fff' };
    this.#drawing.onstroke = () => {
      if (this.#camera.running) this.#stop();
      this.#seen = undefined;
      this.#hint();
    };
    this.#drawing.onstrokeend = () => bench.changed();
    button('teach-clear').addEventListener('click', () => {
      this.#stop();
      this.clear();
    });
    button('teach-camera').addEventListener('click', () => void this.#switch());
    document.addEventListener('visibilitychange', () => this.#say());
    this.#hold(button('teach-add'));
  }

  /** Nothing is on it. */
  clear(): void {
    const { channels, height, width } = this.#bench.shape();
    this.#drawing.put(new Uint8Array(channels * height * width), this.#bench.shape());
    this.#seen = undefined;
    this.#hint();
    this.#bench.changed();
  }

  /** Says which class is added to. */
  setInto(name: string): void {
    this.#into = name;
    this.#say();
  }

  /** Whether the camera shows on it. */
  get live(): boolean {
    return this.#camera.running;
  }

  /** Whether nothing is on it. */
  get isEmpty(): boolean {
    return !this.#camera.running && this.#drawing.bytes().every((value) => value === 0);
  }

  /** What is on it, as a model sees it: C·H·W bytes. */
  async seen(): Promise<Uint8Array> {
    if (this.#seen) return this.#seen;
    const bytes = this.#drawing.bytes();
    const [shape, framing] = [this.#bench.shape(), this.#bench.framing()];
    if (!framing || bytes.every((value) => value === 0)) return bytes;
    const { image } = await framePicture(asPicture(bytes, shape), shape, framing);
    return image;
  }

  #hint(): void {
    element('teach-canvas-hint').hidden = !this.isEmpty;
  }

  #sees(picture: Source): void {
    const shape = this.#bench.shape();
    if (picture.kind === 'sample') return;
    const empty = () => new Uint8Array(shape.channels * shape.height * shape.width);
    const bytes = picture.kind === 'image' ? (picture.framed?.bytes ?? picture.bytes) : empty();
    this.#drawing.put(bytes, shape);
    this.#seen = bytes;
    this.#hint();
    this.#bench.changed();
    const now = performance.now();
    if (!this.#holds || now - this.#took < TAKE_MS) return;
    this.#took = now;
    this.#taken++;
    this.#bench.add(bytes);
  }

  async #switch(): Promise<void> {
    if (this.#camera.running) this.#stop();
    else {
      await this.#camera.start(this.#bench.shape(), () => this.#bench.framing()).catch(this.#bench.fail);
      this.#say();
    }
  }

  #stop(): void {
    this.#camera.stop();
    this.#say();
  }

  #say(): void {
    const { running } = this.#camera;
    button('teach-add').textContent = running ? text.hold(this.#into) : text.into(this.#into);
    button('teach-camera').setAttribute('aria-pressed', String(running));
  }

  /** A press adds what is on the easel; with the camera, holding it adds what is seen for so long. */
  #hold(press: HTMLButtonElement): void {
    const begin = () => {
      this.#taken = 0;
      this.#holds = this.#camera.running;
    };
    const end = () => (this.#holds = false);
    press.addEventListener('pointerdown', begin);
    press.addEventListener('keydown', ({ key, repeat }) => !repeat && (key === ' ' || key === 'Enter') && begin());
    for (const over of ['pointerup', 'pointercancel', 'pointerleave', 'keyup', 'blur'])
      press.addEventListener(over, end);
    press.addEventListener('click', async () => {
      const taken = this.#taken;
      this.#taken = 0;
      if (taken > 0 || this.isEmpty) return;
      this.#bench.add((await this.seen()).slice());
      if (this.#camera.running) return;
      this.clear();
    });
  }
}
