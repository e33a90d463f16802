import { PlaneTrainer, type PlaneLoss, type PlanePoints, type PlaneReadout, type PlaneView } from 'ibinn';
import { canvas } from '../../dom.ts';
import { type Curve, History } from './chart.ts';
import { drawLatent } from './latent.ts';
import { EXTENT, type Painted, toPlane } from './painted.ts';
import { drawPlane, MESH_LINES } from './dataSheet.ts';
import type { PlaneState } from './settings.ts';
import { Sheet } from './sheet.ts';

/** How finely the pictures are computed while they move, and at rest. */
const MOVING = { lines: MESH_LINES, places: 61, side: 52 };
const RESTING = { lines: MESH_LINES, places: 301, side: 120 };

/** One flow that is trained with one loss: its worker, its two pictures, and what was read of it. */
export class Run implements Curve {
  readonly kind: PlaneLoss['kind'];
  readonly plane: HTMLCanvasElement;
  name = '';
  history = new History();
  now: PlaneReadout | undefined;
  readonly #sheet: Sheet;
  readonly #latent: Sheet;
  #trainer: Promise<PlaneTrainer> | undefined;
  #generation = 0;
  #state: PlaneState | undefined;
  #points: PlanePoints = { x: new Float32Array(), classes: new Uint8Array() };
  #own = 0;
  #view: PlaneView | undefined;
  #trails: number[][] = [];
  /** Whether the next picture takes the scale of latent space that it needs at once. */
  #jump = true;

  /** The run whose pictures have ids that end with `kind`. */
  constructor(kind: PlaneLoss['kind']) {
    this.kind = kind;
    this.plane = canvas(`plane-data-${kind}`);
    this.#sheet = new Sheet(this.plane, () => this.draw());
    this.#latent = new Sheet(canvas(`plane-latent-${kind}`), () => this.draw());
  }

  /** Begins anew with an untrained flow. */
  async restart(state: PlaneState, own: readonly Painted[]): Promise<void> {
    this.#generation++;
    const options = { ...this.#settings(state), classes: state.classes, seed: state.seed };
    const before = this.#trainer;
    this.#trainer = before
      ? before.then(async (trainer) => (await trainer.restart(options), trainer))
      : PlaneTrainer.start(options);
    // A trainer that has stopped does not stand in the way of the next one.
    this.#trainer.catch(() => (this.#trainer = undefined));
    this.#state = state;
    this.history = new History();
    this.now = undefined;
    this.#trails = [];
    this.#jump = true;
    await this.setPoints(state, own);
  }

  /** Changes loss, rate and noise while the training goes on. */
  async set(state: PlaneState): Promise<void> {
    this.#state = state;
    await (await this.#trainer)?.set(this.#settings(state));
  }

  /** Changes the points while the training goes on. */
  async setPoints(state: PlaneState, own: readonly Painted[]): Promise<void> {
    const generation = this.#generation;
    const painted = toPlane(own, state.classes);
    const points = await (await this.#trainer)?.setPoints(state.set, state.count, painted);
    if (!points || generation !== this.#generation) return;
    this.#points = points;
    this.#own = painted.classes.length;
    await this.advance(0, true);
  }

  /** Takes so many steps, and shows what has become of it; more finely, if it is to rest there. */
  async advance(steps: number, resting: boolean): Promise<void> {
    const generation = this.#generation;
    const trainer = await this.#trainer;
    if (!trainer) return;
    const fineness = resting ? RESTING : MOVING;
    const [now, view] = await Promise.all([trainer.step(steps), trainer.look({ extent: EXTENT, ...fineness })]);
    if (generation !== this.#generation) return;
    if (now.steps !== this.now?.steps) this.history.add(now);
    this.now = now;
    this.#view = view;
    this.#follow(view.means);
    this.draw();
  }

  draw(): void {
    const [state, view] = [this.#state, this.#view];
    if (!state || !view || view.z.length !== this.#points.x.length) return;
    drawPlane(this.#sheet, this.#points, this.#own, state.classes, view);
    drawLatent(this.#latent, this.#points, state.classes, view, this.#trails, this.#jump);
    this.#jump = false;
  }

  /** Ends the worker. */
  close(): void {
    this.#generation++;
    this.#trainer?.then(
      (trainer) => trainer.close(),
      () => undefined,
    );
    this.#trainer = undefined;
  }

  #follow(means: Float32Array): void {
    for (let k = 0; k < means.length / 2; k++) {
      const trail = (this.#trails[k] ??= []);
      trail.push(means[2 * k]!, means[2 * k + 1]!);
    }
  }

  #settings({ gamma, dims, rate, noise }: PlaneState) {
    const loss: PlaneLoss = this.kind === 'ib' ? { kind: 'ib', gamma } : { kind: 'class-nll', dims };
    return { loss, rate, noise };
  }
}
