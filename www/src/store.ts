import { followAddress, keepPlace, writeHash } from './address.ts';
import { readState, type State, writeState } from './state.ts';

type Listener = (changed: ReadonlySet<keyof State>) => void;

/** Waits this long before writing the address: browsers limit how often it may change. */
const ADDRESS_DELAY_MS = 300;
/** Turns to models that follow each other within this time are one step for Back. */
const TURN_MS = 1000;

/** Holds the state, tells those who listen what changed, and keeps the page's address in step with it. */
export class Store {
  #state: State;
  readonly #listeners: Listener[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turned = -Infinity;

  constructor() {
    this.#state = readState(location.hash);
    followAddress(
      () => this.#readAddress(),
      () => this.#goBack(),
    );
  }

  get state(): Readonly<State> {
    return this.#state;
  }

  /** Changes the given properties and tells the listeners. */
  set(patch: Partial<State>): void {
    const changed = this.#apply(patch);
    if (changed.size === 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#writeAddress(), ADDRESS_DELAY_MS);
    this.#tell(changed);
  }

  /** Turns to another model: a step that Back undoes. */
  turnTo(model: string): void {
    if (model === this.#state.model) return;
    const now = performance.now();
    if (now - this.#turned > TURN_MS) {
      this.flush('');
      keepPlace();
    }
    this.#turned = now;
    this.set({ model });
  }

  /** Calls the listener after each change with the names of what changed. */
  subscribe(listener: Listener): void {
    this.#listeners.push(listener);
  }

  #apply(patch: Partial<State>): Set<keyof State> {
    const names = (Object.keys(patch) as (keyof State)[]).filter((name) => patch[name] !== this.#state[name]);
    if (names.length > 0) this.#state = { ...this.#state, ...patch };
    return new Set(names);
  }

  #tell(changed: ReadonlySet<keyof State>): void {
    for (const listener of this.#listeners) listener(changed);
  }

  /** Writes the address now, for whoever wants to take it along; until the next change it holds something more. */
  flush(more: string): void {
    clearTimeout(this.#timer);
    this.#writeAddress(more);
  }

  #writeAddress(more = ''): void {
    writeHash([writeState(this.#state), more].filter((part) => part !== '').join('&'));
  }

  /** Back within a visit undoes a turn to another model, and keeps all else that was set. */
  #goBack(): void {
    this.#turned = -Infinity;
    const { model } = readState(location.hash);
    this.#tell(this.#apply({ model }));
    this.flush('');
  }

  /** Takes over an address that the visitor typed or followed; one without a `=` only names a place of the page. */
  #readAddress(): void {
    if (location.hash !== '' && !location.hash.includes('=')) return;
    clearTimeout(this.#timer);
    this.#tell(this.#apply(readState(location.hash)));
  }
}
