import type { CourseCalls, CourseFacts, GroupSlope } from './course_protocol.js';
import type { CourseOptions, CoursePictures, CourseReadout, CourseSettings, Learnt } from './course_types.js';
import { IbinnError } from './error.js';
import { Rpc } from './rpc.js';
import { mostWorkers } from './worker_pool.js';

export type * from './course_types.js';

const startWorker = () =>
  new Rpc<CourseCalls>(
    // Bundlers know a worker by an address that stands here in full.
    new Worker(new URL('./course_worker.js', import.meta.url), { type: 'module', name: 'ibinn course' }),
    'training',
  );

/** A worker that computes slopes, and the groups of a step that are its own. */
interface Helper {
  readonly rpc: Rpc<CourseCalls>;
}

/**
 * A flow that learns pictures, step by step, in workers of its own.
 *
 * A step is a batch of groups of 32 pictures, which the workers share; equal options and numbers of steps give equal models,
 * however many workers there are. One that is lost is done without. Calls may overlap: they are answered in order. Every promise rejects
 * with an `IbinnError` when an argument is out of range, the training diverges, or the course is closed.
 */
export class Course {
  readonly #lead = startWorker();
  #helpers: Helper[] = [];
  #groups = 0;
  #steps = 0;
  #heldOut = 0;
  #last: Promise<unknown> = Promise.resolve();

  private constructor() {}

  /** Starts a course: a flow that has learnt nothing of the pictures yet. */
  static start({ pictures, model, gamma, strength, seed = 0, workers = 'auto' }: CourseOptions): Promise<Course> {
    return Course.#begin(workers, (lead) => lead.call('start', { pictures, model, gamma, strength, seed }));
  }

  /** Goes on from a checkpoint, on the pictures that it had. */
  static resume(
    checkpoint: Uint8Array,
    { pictures, workers = 'auto' }: Pick<CourseOptions, 'pictures' | 'workers'>,
  ): Promise<Course> {
    return Course.#begin(workers, (lead) => lead.call('resume', { checkpoint, pictures }));
  }

  static async #begin(
    workers: number | 'auto',
    begin: (lead: Rpc<CourseCalls>) => Promise<CourseFacts>,
  ): Promise<Course> {
    const course = new Course();
    try {
      const facts = await begin(course.#lead);
      course.#take(facts);
      const helpers = Math.min(mostWorkers(workers), facts.groups) - 1;
      const { spec, permutation, seed } = facts;
      course.#helpers = Array.from({ length: helpers }, () => ({ rpc: startWorker() }));
      for (const helper of course.#helpers) {
        helper.rpc.call('help', { spec, permutation, seed }).catch(() => course.#lose(helper));
      }
      return course;
    } catch (thrown) {
      course.close();
      throw thrown;
    }
  }

  /** Steps taken. */
  get steps(): number {
    return this.#steps;
  }

  /** Pictures that are held out. */
  get heldOut(): number {
    return this.#heldOut;
  }

  /** Workers that share a step. */
  get workers(): number {
    return this.#helpers.length + 1;
  }

  /** Changes γ or how much pictures are varied; the training goes on from where it is. */
  set(settings: CourseSettings): Promise<null> {
    return this.#inOrder(() => this.#lead.call('set', settings));
  }

  /** Learns other pictures of the same classes from now on. */
  setPictures(pictures: CoursePictures): Promise<void> {
    return this.#inOrder(async () => this.#take(await this.#lead.call('setPictures', pictures)));
  }

  /** Takes one optimiser step. */
  step(): Promise<CourseReadout> {
    return this.#inOrder(() => this.#step());
  }

  /** What has been learnt so far. */
  learnt(): Promise<Learnt> {
    return this.#inOrder(() => this.#lead.call('learnt', null));
  }

  /** The state of the course without its pictures, to go on from. */
  checkpoint(): Promise<Uint8Array> {
    return this.#inOrder(() => this.#lead.call('checkpoint', null));
  }

  /** Whether it was closed, or stopped by an error. */
  get ended(): boolean {
    return this.#lead.isEnded;
  }

  /** Ends the workers. */
  close(): void {
    const closed = new IbinnError('the training is closed');
    this.#lead.end(closed);
    for (const { rpc } of this.#helpers) {
      rpc.end(closed);
    }
  }

  async #step(): Promise<CourseReadout> {
    const helpers = [...this.#helpers];
    const workers = helpers.length + 1;
    const groupsOf = (worker: number) =>
      Array.from({ length: this.#groups }, (_, group) => group).filter((group) => group % workers === worker);
    const shares = await this.#lead.call('begin', { helpers: helpers.length });
    const helped = helpers.map((helper, i) => this.#help(helper, shares[i], groupsOf(i + 1)));
    await this.#lead.call('compute', { groups: groupsOf(0) });
    const given = (await Promise.all(helped)).flat();
    const slopes = given.map(({ slope }) => slope);
    return this.#count(
      await this.#lead.call(
        'finish',
        { groups: given.map(({ group }) => group), slopes },
        slopes.flatMap(({ terms, numbers }) => [terms.buffer, numbers.buffer]),
      ),
    );
  }

  /** The slopes of a helper's groups; what a lost one owes is computed where the course is. */
  async #help(
    helper: Helper,
    share: CourseCalls['slopes']['takes'] | undefined,
    groups: number[],
  ): Promise<{ group: number; slope: GroupSlope }[]> {
    if (share === undefined || groups.length === 0) {
      return [];
    }
    const buffers = [
      share.values.buffer,
      ...share.tasks.flatMap(({ images, labels }) => [images.buffer, labels.buffer]),
    ];
    try {
      const slopes = await helper.rpc.call('slopes', share, buffers as ArrayBuffer[]);
      return slopes.map((slope, i) => ({ group: groups[i] as number, slope }));
    } catch {
      this.#lose(helper);
      await this.#lead.call('compute', { groups });
      return [];
    }
  }

  #lose(helper: Helper): void {
    helper.rpc.end(new IbinnError('the helper is lost'));
    this.#helpers = this.#helpers.filter((other) => other !== helper);
  }

  #take({ groups, steps, heldOut }: CourseFacts): void {
    this.#groups = groups;
    this.#steps = steps;
    this.#heldOut = heldOut;
  }

  #count(readout: CourseReadout): CourseReadout {
    this.#steps = readout.steps;
    return readout;
  }

  /** A step takes several messages: nothing comes between them. */
  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work, work);
    this.#last = done;
    done.catch(() => undefined);
    return done;
  }
}

/**
 * What is known before anything is trained: a model in which the flow of `model` has means and a detector for these pictures, in
 * closed form.
 */
export async function knownAtOnce(pictures: CoursePictures, model: Uint8Array, seed = 0): Promise<Learnt> {
  const worker = startWorker();
  try {
    return await worker.call('knownAtOnce', { pictures, model, seed });
  } finally {
    worker.end(new IbinnError('the worker is closed'));
  }
}
