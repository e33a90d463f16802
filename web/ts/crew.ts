import { Client } from './client.js';
import { PARTS, type PartsName } from './parts.js';
import type { CallName, Calls } from './protocol.js';

/** As many workers are hired at most where the caller leaves it open: each holds the weights once more. */
const MOST_WORKERS = 4;
/** More workers are hired when as much work waits, in ms on one worker: they take a while to start, too. */
const WORTH_HIRING_MS = 40;
/** A part is worth a message when it takes so long. */
const WORTH_SENDING_MS = 2;

/** How many workers may share a batch: a number, or as many as the machine has cores for. */
export function mostWorkers(workers: number | 'auto'): number {
  return workers === 'auto' ? Math.min(MOST_WORKERS, navigator.hardwareConcurrency) : workers;
}

/** A worker, and the images that it has yet to answer. */
interface Hand {
  readonly client: Client;
  images: number;
}

/**
 * The workers of one model, each with a wasm of its own: one at first, and on the CPU more as soon as batches are large
 * enough to pay for them. A batch is then cut into parts, calls on few images go to whoever has least to do, and
 * answers come in the order of the calls all the same. A GPU is never shared.
 */
export class Crew {
  readonly #hands: Hand[];
  readonly #candidates = new Set<Client>();
  readonly #hire: (client: Client) => Promise<unknown>;
  readonly #dims: number;
  #most: number;
  #msPerImage = 0;
  #last: Promise<unknown> = Promise.resolve();
  #ended = false;

  /**
   * @param first has loaded the model, whose images have `dims` numbers
   * @param most as many workers at most
   * @param hire makes another worker load the model
   */
  constructor(first: Client, dims: number, most: number, hire: (client: Client) => Promise<unknown>) {
    this.#hands = [{ client: first, images: 0 }];
    this.#dims = dims;
    this.#most = first.adapter.executor === 'cpu' ? most : 1;
    this.#hire = hire;
    first.onEnd = (reason) => this.end(reason);
  }

  /** The worker that was there first, which answers what concerns no batch. */
  get first(): Client {
    const [first] = this.#hands;
    if (first === undefined) {
      throw new TypeError('a crew has at least one worker');
    }
    return first.client;
  }

  /** Whether all workers have ended. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Makes a call on one worker. Rejects as `Line.call` does; settles when all earlier calls have. */
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
    const hands = [...this.#hands].sort((a, b) => a.images - b.images);
    const worth = Math.floor((count * this.#msPerImage) / WORTH_SENDING_MS);
    const chosen = hands.slice(0, Math.max(1, Math.min(count, worth)));
    const answers = chosen.map((hand, i) => {
      const [from, to] = [i, i + 1].map((i) => Math.round((i * count) / chosen.length)) as [number, number];
      const some = chosen.length === 1 ? takes : part(takes, this.#dims, from, to);
      return this.#callOn(hand, to - from, name, some);
    });
    this.#hireIfItPays();
    const [only] = answers;
    return this.#inOrder(only !== undefined && answers.length === 1 ? only : all(answers).then(join));
  }

  /** Ends all workers; calls that wait for them, and all later ones, reject with `reason`. */
  end(reason: unknown): void {
    if (this.#ended) {
      return;
    }
    this.#ended = true;
    for (const client of [...this.#hands.map(({ client }) => client), ...this.#candidates]) {
      client.end(reason);
    }
  }

  async #callOn<Name extends PartsName>(
    hand: Hand,
    images: number,
    name: Name,
    takes: Calls[Name]['takes'],
  ): Promise<Calls[Name]['gives']> {
    hand.images += images;
    try {
      const gives = await hand.client.call(name, takes);
      this.#msPerImage = hand.client.lastMs / images;
      return gives;
    } finally {
      hand.images -= images;
    }
  }

  #inOrder<Gives>(answer: Promise<Gives>): Promise<Gives> {
    const before = this.#last;
    this.#last = answer.catch(() => undefined);
    return before.then(() => answer);
  }

  #hireIfItPays(): void {
    const waiting = this.#hands.reduce((images, hand) => images + hand.images, 0);
    const missing = this.#most - this.#hands.length - this.#candidates.size;
    // One image cannot be shared, however slow it was.
    if (missing <= 0 || waiting <= this.#hands.length || waiting * this.#msPerImage < WORTH_HIRING_MS) {
      return;
    }
    for (let i = 0; i < missing; i++) {
      const client = new Client();
      this.#candidates.add(client);
      this.#hire(client).then(
        () => {
          client.onEnd = (reason) => this.end(reason);
          this.#candidates.delete(client);
          this.#hands.push({ client, images: 0 });
        },
        (reason: unknown) => {
          // There may be no memory for it; the others go on without.
          client.end(reason);
          this.#candidates.delete(client);
          this.#most = this.#hands.length + this.#candidates.size;
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
