/** One way there and back takes this long. */
const ROUND_MS = 6000;

/** Moves a position from 0 to 1 and back, over and over, gently at the ends. */
export class Sweep {
  readonly #moved: (position: number) => void;
  #frame: number | undefined;

  constructor(moved: (position: number) => void) {
    this.#moved = moved;
  }

  get going(): boolean {
    return this.#frame !== undefined;
  }

  /** Starts where the position is. */
  start(position: number): void {
    this.stop();
    const before = (ROUND_MS / (2 * Math.PI)) * Math.acos(1 - 2 * position);
    const started = performance.now() - before;
    const step = (now: number) => {
      this.#frame = requestAnimationFrame(step);
      this.#moved((1 - Math.cos((2 * Math.PI * Math.max(0, now - started)) / ROUND_MS)) / 2);
    };
    this.#frame = requestAnimationFrame(step);
  }

  stop(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
  }
}
