/** Steps a second, so that one can follow; no more than so many between two pictures where the machine is slow. */
const PACE = 100;
const MOST_STEPS = 8;
/** For those who asked for less motion: fewer pictures, further apart. */
const STILL = { steps: 100, pauseMs: 1000 };
/** It rests by itself after so many steps more: what will be seen has been seen by then. */
const STINT = 2000;

/** What is played. */
export interface Played {
  /** Takes so many steps and shows what has become of it. */
  advance(steps: number): Promise<void>;
  /** Playing has begun, or has ended; `problem` is why, if it did not end by itself. */
  changed(playing: boolean, problem?: unknown): void;
}

/** Plays the training while the view is in sight. */
export class Player {
  readonly #played: Played;
  #playing = false;
  #looping = false;
  #left = 0;
  #inSight = false;
  #wake: (() => void) | undefined;

  constructor(view: HTMLElement, played: Played) {
    this.#played = played;
    new IntersectionObserver((entries) => {
      this.#inSight = entries.at(-1)?.isIntersecting ?? false;
      this.#wake?.();
    }).observe(view);
    document.addEventListener('visibilitychange', () => this.#wake?.());
  }

  get playing(): boolean {
    return this.#playing;
  }

  play(): void {
    this.#left = STINT;
    if (this.#playing) return;
    this.#playing = true;
    this.#played.changed(true);
    if (!this.#looping) void this.#loop();
  }

  pause(problem?: unknown): void {
    if (!this.#playing) return;
    this.#playing = false;
    this.#wake?.();
    this.#played.changed(false, problem);
  }

  async #loop(): Promise<void> {
    this.#looping = true;
    let last = performance.now();
    while (this.#playing) {
      if (!this.#inSight || document.hidden) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = undefined;
        continue;
      }
      const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
      const due = Math.round((PACE * (performance.now() - last)) / 1000);
      const steps = still ? STILL.steps : Math.min(MOST_STEPS, Math.max(1, due));
      last = performance.now();
      try {
        await this.#played.advance(steps);
      } catch (problem) {
        this.pause(problem);
      }
      this.#left -= steps;
      if (this.#left <= 0) this.pause();
      else
        await (still
          ? new Promise((resolve) => setTimeout(resolve, STILL.pauseMs))
          : new Promise(requestAnimationFrame));
    }
    this.#looping = false;
  }
}
