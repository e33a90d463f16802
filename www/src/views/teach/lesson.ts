import type { Novelty } from 'ibinn';
import { button, create, element } from '../../dom.ts';
import { teach as text } from '../../strings/teach.ts';
import type { PictureSet } from './set.ts';

/** As many pictures of each class as the lesson asks for. */
const PICTURES = 10;
/** Steps of training that it asks for. */
const STEPS = 40;

/** The steps at which something is looked at that is one of the classes, and that is none of them. */
const [ONE, NONE] = [3, 4];

/** What is done by now of each step of the lesson; looks count while they are asked for. */
function doneBy({ classes }: PictureSet, steps: number): boolean[] {
  const [first, second] = classes;
  const isNamed = (name: string | undefined, i: number) => {
    const trimmed = name?.trim() ?? '';
    return trimmed !== '' && trimmed !== text.className(i);
  };
  const holds = (count: number | undefined) => (count ?? 0) >= PICTURES;
  return [
    isNamed(first?.name, 0) && isNamed(second?.name, 1),
    holds(first?.pictures.length),
    holds(second?.pictures.length),
    false,
    false,
    steps >= STEPS,
  ];
}

/** A first lesson: its steps beside the view, each of which is ticked once it is done. */
export class Lesson {
  readonly #panel = element('teach-lesson');
  readonly #status = element('teach-lesson-status');
  readonly #items: HTMLLIElement[];
  #reached = new Set<number>();
  #now = 0;

  constructor(begun: () => void) {
    const start = button('teach-lesson-start');
    this.#items = text.lesson.map((words) => create('li', '', words));
    element('teach-lesson-steps').replaceChildren(...this.#items);
    start.addEventListener('click', () => {
      this.#reached.clear();
      this.#now = -1;
      this.#panel.hidden = !this.#panel.hidden;
      start.setAttribute('aria-expanded', String(!this.#panel.hidden));
      if (!this.#panel.hidden) begun();
    });
  }

  /** Whether it is being given. */
  get given(): boolean {
    return !this.#panel.hidden;
  }

  /** Something on the easel was looked at. */
  saw(verdict: Novelty['verdict']): void {
    if (this.given && this.#now === (verdict === 'ordinary' ? ONE : NONE)) this.#reached.add(this.#now);
  }

  /** Ticks what is done by now. What was once done stays so; a step counts once those before it are done. */
  show(set: PictureSet, steps: number): void {
    if (!this.given) return;
    const done = doneBy(set, steps);
    for (let i = 0; i < done.length && (done[i] || this.#reached.has(i)); i++) this.#reached.add(i);
    const now = this.#items.findIndex((_, i) => !this.#reached.has(i));
    this.#items.forEach((item, i) => {
      item.classList.toggle('done', this.#reached.has(i));
      if (i === now) item.setAttribute('aria-current', 'step');
      else item.removeAttribute('aria-current');
    });
    if (now === this.#now) return;
    this.#now = now;
    this.#status.textContent = text.lessonStatus(now, this.#items.length);
  }
}
