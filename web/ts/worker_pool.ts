import { Client } from './client.js';
import { PARTS, type PartsName } from './batching.js';
import type { CallName, Calls } from './protocol.js';

/** As many workers are started at most where the caller leaves it open: each holds the weights once more. */
const MOST_WORKERS = 4;
/** More workers are started when as much work waits, in ms on one worker: they take a while to start, too. */
const WORTH_STARTING_MS = 40;
/** A part is worth a message when it takes so long. */
const WORTH_SENDING_MS = 2;

/** How many workers may share a batch: a number, or as many as the machine has cores for. */
export function mostWorkers(workers: number | 'auto'): number {
  return workers === 'auto' ? Math.min(MOST_WORKERS, navigator.hardwareConcurrency) : workers;
}

/** A worker, and the images that it has yet to answer. */
interface PoolWorker {
  readonly client: Client;
  images: number;
}

/**
 * The workers of one model, each with a wasm of its own: one at first, and on the CPU more as soon as batches are large
 * enough to pay for them. A batch is then cut into parts, calls on few images go to whoever has least to do, and
 * answers come in the order of the calls all the same. A GPU is never shared.
 */
export class WorkerPool {
  readonly #workers: PoolWorker[];
  readonly #candidates = new Set<Client>();
  readonly #startWorker: (client: Client) => Promise<unknown>;
  readonly #dims: number;
  #most: number;
  #msPerImage = 0;
  #last: Promise<unknown> = Promise.resolve();
  #ended = false;

  /**
   * @param first has loaded the model, whose images have `dims` numbers
   * @param most as many workers at most
   * @param start makes another worker load the model
   */
  constructor(first: Client, dims: number, most: number, start: (client: Client) => Promise<unknown>) {
    this.#workers = [{ client: first, images: 0 }];
    this.#dims = dims;
    this.#most = first.adapter.executor === 'cpu' ? most : 1;
    this.#startWorker = start;
    first.onEnd = (reason) => this.end(reason);
  }

  /** The worker that was there first, which answers what concerns no batch. */
  get first(): Client {
    const [first] = this.#workers;
    if (first === undefined) {
      throw new TypeError('a pool has at least one worker');
    }
    return first.client;
  }

  /** Whether all workers have ended. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Makes a call on one worker. Rejects as `Rpc.call` does; settles when all earlier calls have. */
  call<Name extends CallName>(name: Name, takes: Calls[Name]['takes']): Promise<Calls[Name]['gives']> {
    return this.#inOrder(this.first.call(name, takes));
  }

  /** Makes a call on a batch, on as many workers as are worth it. Rejects and settles as `call` does. */
  callOnBatch<Name extends PartsName>(name: Name, takes: Calls[Name]['takes']): Promise<Calls[Name]['gives']> {
    const { images, part, join } = PARTS[name];
    const count = images(takes, this.#dims);
    if (this.#most === 1 || !Number.isInteger(count) || count < 1) {
      return this.call(name, takes);
    }
    const workers = [...this.#workers].sort((a, b) => a.images - b.images);
    const worth = Math.floor((count * this.#msPerImage) / WORTH_SENDING_MS);
    const chosen = workers.slice(0, Math.max(1, Math.min(count, worth)));
    const answers = chosen.map((worker, i) => {
      const [from, to] = [i, i + 1].map((i) => Math.round((i * count) / chosen.length)) as [number, number];
      const some = chosen.length === 1 ? takes : part(takes, this.#dims, from, to);
      return this.#callOn(worker, to - from, name, some);
    });
    this.#startIfItPays();
    const [only] = answers;
    return this.#inOrder(only !== undefined && answers.length === 1 ? only : all(answers).then(join));
  }

  /** Ends all workers; calls that wait for them, and all later ones, reject with `reason`. */
  end(reason: unknown): void {
    if (this.#ended) {
      return;
    }
    this.#ended = true;
    for (const client of [...this.#workers.map(({ client }) => client), ...this.#candidates]) {
      client.end(reason);
    }
  }

  async #callOn<Name extends PartsName>(
    worker: PoolWorker,
    images: number,
    name: Name,
    takes: Calls[Name]['takes'],
  ): Promise<Calls[Name]['gives']> {
    worker.images += images;
    try {
      const gives = await worker.client.call(name, takes);
      this.#msPerImage = worker.client.lastMs / images;
      return gives;
    } finally {
      worker.images -= images;
    }
  }

  #inOrder<Gives>(answer: Promise<Gives>): Promise<Gives> {
    const before = this.#last;
    this.#last = answer.catch(() => undefined);
    return before.then(() => answer);
  }

  #startIfItPays(): void {
    const waiting = this.#workers.reduce((images, worker) => images + worker.images, 0);
    const missing = this.#most - this.#workers.length - this.#candidates.size;
    // One image cannot be shared, however slow it was.
    if (missing <= 0 || waiting <= this.#workers.length || waiting * this.#msPerImage < WORTH_STARTING_MS) {
      return;
    }
    for (let i = 0; i < missing; i++) {
      const client = new Client();
      this.#candidates.add(client);
      this.#startWorker(client).then(
        () => {
          client.onEnd = (reason) => this.end(reason);
          this.#candidates.delete(client);
          this.#workers.push({ client, images: 0 });
        },
        (reason: unknown) => {
          // There may be no memory for it; the others go on without.
          client.end(reason);
          this.#candidates.delete(client);
          this.#most = this.#workers.length + this.#candidates.size;
        },
      );
    }
  }
}

/** All answers, or the reason of the first that is refused, in their order: of a batch, the first image that is wrong. */
async function all<Gives>(answers: Promise<Gives>[]): Promise<Gives[]> {
  const settled = await Promise.allSettled(answers);
  return settled.map((answer) => {
    if (answer.status === 'rejected') {
      throw answer.reason;
    }
    return answer.value;
  });
}
