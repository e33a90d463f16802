import { IbinnError } from './error.js';

/** Calls that a worker answers: what each takes and gives, by name. */
type AnyCalls<Calls> = { [Name in keyof Calls]: { takes: unknown; gives: unknown } };

/** From the module to a worker: one call. */
export type RequestOf<Calls extends AnyCalls<Calls>, Names extends keyof Calls = keyof Calls> = {
  [Name in Names]: { id: number; name: Name; takes: Calls[Name]['takes'] };
}[Names];

/** From a worker to the module: the answer to one call, or that there will be no more answers. */
export type ReplyOf<Calls extends AnyCalls<Calls>> =
  | { kind: 'given'; id: number; gives: Calls[keyof Calls]['gives'] }
  | { kind: 'refused'; id: number; sentence: string }
  | { kind: 'stopped'; sentence: string };

interface Pending {
  resolve: (gives: never) => void;
  reject: (reason: unknown) => void;
}

/** The module's end of the line to a worker. */
export class Rpc<Calls extends AnyCalls<Calls>, Reply extends ReplyOf<Calls> = ReplyOf<Calls>> {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #calls = 0;
  #ended: { reason: unknown } | undefined;

  /** The line to `worker`, which messages call `name`. */
  constructor(worker: Worker, name: string) {
    this.#worker = worker;
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => this.#take(data);
    this.#worker.onerror = (event) => {
      // Without a message it was never there: its script could not be fetched, or the page's policy forbids it.
      const what = event.message ? `failed: ${event.message}` : 'could not be loaded';
      this.end(new IbinnError(`the ${name}'s worker ${what}`));
    };
  }

  /**
   * Makes one call; buffers in `transfer` are handed over instead of copied.
   *
   * Rejects with an `IbinnError` when the worker refuses, and with the reason of `end` when it was ended.
   */
  call<Name extends keyof Calls>(
    name: Name,
    takes: Calls[Name]['takes'],
    transfer: Transferable[] = [],
  ): Promise<Calls[Name]['gives']> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended.reason);
        return;
      }
      const id = this.#calls++;
      const request: RequestOf<Calls, Name> = { id, name, takes };
      this.#worker.postMessage(request, transfer);
      this.#pending.set(id, { resolve, reject });
    });
  }

  /** Whether there will be no more answers. */
  get isEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** Ends the worker; calls that wait for it, and all later ones, reject with `reason`. */
  end(reason: unknown): void {
    if (this.#ended !== undefined) {
      return;
    }
    this.#ended = { reason };
    this.#worker.terminate();
    for (const { reject } of this.#pending.values()) {
      reject(reason);
    }
    this.#pending.clear();
    this.ended(reason);
  }

  /** Called with each answer before whoever waits for it gets it. */
  protected given(_answer: Extract<Reply, { kind: 'given' }>): void {}

  /** Called once when the line has ended, with the reason that calls reject with. */
  protected ended(_reason: unknown): void {}

  #take(reply: Reply): void {
    if (reply.kind === 'stopped') {
      this.end(new IbinnError(reply.sentence));
      return;
    }
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (reply.kind === 'refused') {
      pending?.reject(new IbinnError(reply.sentence));
    } else {
      this.given(reply as Extract<Reply, { kind: 'given' }>);
      pending?.resolve(reply.gives as never);
    }
  }
}
