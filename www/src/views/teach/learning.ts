import {
  Course,
  type CoursePictures,
  type CourseReadout,
  type CourseSettings,
  knownAtOnce,
  type Learnt,
  load,
  type Model,
} from 'ibinn';
import type { KeptCourse } from './keep.ts';

/** What has been learnt is looked at after this long, and then again so much later as its look took, times this. */
const FIRST_LOOK_MS = 1000;
const SHARE_OF_LOOKS = 7;
/** While it goes on, what has been learnt is kept no more often: some megabytes are copied for it. */
const KEEP_MS = 20_000;
/** Speed is said of about the last so many steps. */
const STEPS_OF_RATE = 20;

/** Whoever follows what is learnt. */
export interface Follower {
  /** A step was taken, at so many pictures a second. */
  stepped(readout: CourseReadout, rate: number): void;
  /** There is a model of what has been learnt so far: after so many steps, or none. */
  looked(model: Model, steps: number): void;
  /** Training has come to rest, or was stopped by a problem. */
  rested(problem: unknown): void;
  /** There is something to keep; nothing where it is to be forgotten. */
  keep(course: KeptCourse | undefined): void;
}

/** What is learnt of the visitor's pictures: at once, and by training. */
export class Learning {
  /** The file of what has been learnt. */
  file: Uint8Array | undefined;
  /** Which classes are taken for each other by what has been learnt: `Learnt.confusion`; nothing where that is not known. */
  confusion: readonly (readonly number[])[] = [];
  readonly #follower: Follower;
  #course: Course | undefined;
  /** By which classes the course was begun. */
  #key = '';
  #wish = 0;
  #runs = false;
  /** When the course was last kept. */
  #kept = -Infinity;
  #model: Model | undefined;

  constructor(follower: Follower) {
    this.#follower = follower;
  }

  /** The model of what has been learnt so far. */
  get model(): Model | undefined {
    return this.#model;
  }

  /** Whether steps are taken now. */
  get runs(): boolean {
    return this.#runs;
  }

  /** Steps taken; none before training has begun. */
  get steps(): number {
    return this.#course?.steps ?? 0;
  }

  /** Whether training has begun on other classes than these. */
  isOfOthers(key: string): boolean {
    return this.#course !== undefined && this.#key !== key;
  }

  /** Finds out what is known at once of pictures, from the file of a model. */
  async atOnce(pictures: CoursePictures, file: Uint8Array): Promise<void> {
    const wish = ++this.#wish;
    const known = await knownAtOnce(pictures, file);
    if (wish === this.#wish && !this.#course) await this.#adopt(known, 0, wish);
  }

  /** Begins to train, or goes on. `file` is that of the model to begin with, if there is one. */
  async train(
    pictures: CoursePictures,
    key: string,
    settings: CourseSettings,
    file: () => Promise<Uint8Array | undefined>,
  ): Promise<void> {
    if (this.#runs) return;
    this.#runs = true;
    const wish = ++this.#wish;
    try {
      if (!this.#course || this.#course.ended) {
        const model = await file();
        const course = await Course.start({ pictures, ...settings, ...(model && { model }) });
        if (wish !== this.#wish) return course.close();
        this.#course = course;
        this.#key = key;
      }
      await this.#run(this.#course, wish);
      this.#follower.rested(undefined);
    } catch (problem) {
      if (wish === this.#wish) this.#follower.rested(problem);
    } finally {
      if (wish === this.#wish) this.#runs = false;
    }
  }

  /** Comes to rest after the step that is being taken. */
  pause(): void {
    this.#runs = false;
  }

  /** Changes γ or how much pictures are varied. */
  async set(settings: CourseSettings): Promise<void> {
    await this.#course?.set(settings);
  }

  /** Goes on with other pictures of the same classes. */
  async setPictures(pictures: CoursePictures): Promise<void> {
    await this.#course?.setPictures(pictures);
  }

  /** Goes back to where an earlier visit was. */
  async resume({ checkpoint, model, confusion, key }: KeptCourse, pictures: CoursePictures): Promise<void> {
    const wish = ++this.#wish;
    const course = await Course.resume(checkpoint, { pictures });
    if (wish !== this.#wish) return course.close();
    this.#course = course;
    this.#key = key;
    await this.#adopt({ file: model, confusion }, course.steps, wish);
  }

  /** Forgets all of it. */
  forget(): void {
    this.#wish++;
    this.#runs = false;
    this.#course?.close();
    this.#model?.close();
    this.#course = this.#model = this.file = undefined;
    this.confusion = [];
    this.#follower.keep(undefined);
  }

  async #run(course: Course, wish: number): Promise<void> {
    let next = performance.now() + FIRST_LOOK_MS;
    const times: number[] = [performance.now()];
    while (this.#runs && wish === this.#wish) {
      const readout = await course.step();
      if (wish !== this.#wish) return;
      times.push(performance.now());
      if (times.length > STEPS_OF_RATE + 1) times.shift();
      const seconds = (times.at(-1)! - times[0]!) / 1000;
      this.#follower.stepped(readout, (readout.images * (times.length - 1)) / seconds);
      if (performance.now() < next) continue;
      const started = performance.now();
      await this.#look(course, wish);
      next = performance.now() + SHARE_OF_LOOKS * (performance.now() - started);
      // A look is no part of a step.
      times.splice(0, times.length, performance.now());
    }
    if (wish === this.#wish) await this.#look(course, wish);
  }

  async #look(course: Course, wish: number): Promise<void> {
    const learnt = await course.learnt();
    await this.#adopt(learnt, course.steps, wish);
    if (wish !== this.#wish) return;
    if (this.#runs && performance.now() - this.#kept < KEEP_MS) return;
    this.#kept = performance.now();
    const checkpoint = await course.checkpoint();
    if (wish === this.#wish)
      this.#follower.keep({ key: this.#key, checkpoint, model: learnt.file, confusion: learnt.confusion });
  }

  async #adopt(
    { file, confusion }: Pick<Learnt, 'file'> & Pick<KeptCourse, 'confusion'>,
    steps: number,
    wish: number,
  ): Promise<void> {
    const model = await load(file, { executor: 'cpu', workers: 1 });
    if (wish !== this.#wish) return model.close();
    this.#model?.close();
    this.#model = model;
    this.file = file;
    this.confusion = confusion;
    this.#follower.looked(model, steps);
  }
}
