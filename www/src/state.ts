import type { ExecutorChoice } from 'ibinn';
import type { Corruption } from 'ibinn';
import { INTACT } from './images/corruption.ts';
import { readSource, type Source, writeSource } from './images/source.ts';
import { LARGEST_SEED } from './seeds.ts';
import { type Painted, readPainted, writePainted } from './views/plane/painted.ts';
import { AT_FIRST, type PlaneState, readPlane, writePlane } from './views/plane/settings.ts';
import { MOST_ZOOM, type Point, type View, WHOLE } from './views/map/view.ts';

/** All that a visitor sets. The address holds it, so that a link reproduces the view. */
export interface State {
  /** File name of the model without its ending; empty for the first of the list. */
  model: string;
  executor: ExecutorChoice;
  /** What the rows of the samples differ in: the class, or γ. */
  rows: 'classes' | 'gammas';
  /** The class that samples are drawn of, or all of them. */
  class: number | 'all';
  temperature: number;
  /** Samples per class. */
  count: number;
  seed: number;
  /** The picked sample: its class and its place in the row. */
  pick: Pick;
  /** The image on the canvas. */
  image: Source;
  /** What disturbs it. */
  corruption: Corruption;
  /** The ends of the interpolation. */
  a: Source;
  b: Source;
  /** What the map of latent space shows, and the point of its plane that is marked. */
  view: View;
  point: Point;
  /** Whether points are decoded on the plane through the means, or on the one through the visitor's image. */
  through: 'means' | 'image';
  /** What the map is tinted by: the class that wins, what novelty says, or nothing. */
  tint: Tint;
  /** The classes between which the evidence is weighed, or the two most probable ones. */
  forClass: number | 'auto';
  against: number | 'auto';
  /** Side of the patches that are hidden, pixels. */
  patch: number;
  /** Where between the ends, from 0 to 1. */
  position: number;
  /** Whether to walk from A to B, or to take what is not class of A through all classes. */
  walk: 'line' | 'classes';
  /** Whether the walk is shown for every γ. */
  everyGamma: boolean;
  /** Images of the strip, ends included. */
  steps: number;
  /** What is set for training on the plane, and the points that were painted there. */
  plane: PlaneState;
  planePoints: readonly Painted[];
}

/** What the map can be tinted by. */
export const TINTS = ['classes', 'novelty', 'none'] as const;
export type Tint = (typeof TINTS)[number];

/** A place in the grid of samples. */
export interface Pick {
  readonly class: number;
  readonly index: number;
}

interface Property<T> {
  readonly initial: T;
  read(text: string): T | undefined;
  write(value: T): string;
}

const sample = (classNumber: number, index: number): Source => ({
  kind: 'sample',
  class: classNumber,
  index,
  seed: 0,
  temperature: 0.7,
});

/** Sides of the patches that can be hidden. */
export const PATCHES = [2, 4, 7];

const PROPERTIES: { readonly [K in keyof State]: Property<State[K]> } = {
  model: { initial: '', read: (text) => (/^[\w.-]{0,100}$/.test(text) ? text : undefined), write: (value) => value },
  executor: oneOf(['auto', 'gpu', 'cpu'], 'auto'),
  rows: oneOf(['classes', 'gammas'], 'classes'),
  class: classOr('all'),
  temperature: within(0, 1.5, 0.7),
  count: whole(1, 60, 10),
  seed: whole(0, LARGEST_SEED, 0),
  pick: {
    initial: { class: 0, index: 0 },
    read: (text) => {
      const [classNumber, index] = numbers(text, [whole(0, 999, 0), whole(0, 999, 0)]) ?? [];
      return classNumber === undefined || index === undefined ? undefined : { class: classNumber, index };
    },
    write: (value) => `${value.class}_${value.index}`,
  },
  image: source(sample(0, 0)),
  corruption: {
    initial: INTACT,
    read: (text) => {
      const names = Object.keys(INTACT);
      const read = numbers(
        text,
        names.map(() => within(0, 360, 0)),
      );
      return read && (Object.fromEntries(names.map((name, i) => [name, read[i]])) as unknown as Corruption);
    },
    write: (value) => Object.values(value).map(short).join('_'),
  },
  a: source(sample(1, 0)),
  b: source(sample(8, 0)),
  view: {
    initial: WHOLE,
    read: (text) => {
      const [x, y, zoom] = numbers(text, [within(0, 1, 0), within(0, 1, 0), within(1, MOST_ZOOM, 1)]) ?? [];
      return x === undefined || y === undefined || zoom === undefined ? undefined : { x, y, zoom };
    },
    write: ({ x, y, zoom }) => [x, y, zoom].map(short).join('_'),
  },
  point: {
    initial: [0, 0],
    read: (text) => {
      const [x, y] = numbers(text, [within(-1e4, 1e4, 0), within(-1e4, 1e4, 0)]) ?? [];
      return x === undefined || y === undefined ? undefined : [x, y];
    },
    write: (value) => value.map(short).join('_'),
  },
  through: oneOf(['means', 'image'], 'means'),
  tint: oneOf(TINTS, 'classes'),
  forClass: classOr('auto'),
  against: classOr('auto'),
  patch: {
    initial: 4,
    read: (text) => PATCHES.find((side) => String(side) === text),
    write: String,
  },
  position: within(0, 1, 0.5),
  walk: oneOf(['line', 'classes'], 'line'),
  everyGamma: yesOrNo(false),
  steps: whole(2, 25, 9),
  plane: { initial: AT_FIRST, read: readPlane, write: writePlane },
  planePoints: { initial: [], read: readPainted, write: writePainted },
};

const NAMES = Object.keys(PROPERTIES) as (keyof State)[];

/** The state that the part of an address after `#` holds; what it lacks or garbles is as at the start. */
export function readState(hash: string): State {
  const texts = new URLSearchParams(hash.replace(/^#/, ''));
  const state: Partial<Record<keyof State, unknown>> = {};
  for (const name of NAMES) {
    const text = texts.get(name);
    state[name] = (text === null ? undefined : PROPERTIES[name].read(text)) ?? PROPERTIES[name].initial;
  }
  return state as State;
}

/** The state as the part of an address after `#`: whatever differs from the start. */
export function writeState(state: State): string {
  const write = <K extends keyof State>(name: K): string => PROPERTIES[name].write(state[name]);
  const initial = <K extends keyof State>(name: K): string => PROPERTIES[name].write(PROPERTIES[name].initial);
  return NAMES.filter((name) => write(name) !== initial(name))
    .map((name) => `${name}=${encodeURIComponent(write(name))}`)
    .join('&');
}

/** The least and the most that a numeric property may be, as its control needs them. */
function within(least: number, most: number, initial: number): Property<number> {
  return {
    initial,
    read: (text) => {
      const value = text.trim() === '' ? NaN : Number(text);
      return value >= least && value <= most ? value : undefined;
    },
    write: short,
  };
}

function short(value: number): string {
  return String(Number(value.toFixed(3)));
}

/** Several numbers with `_` between them. */
function numbers(text: string, properties: readonly Property<number>[]): number[] | undefined {
  const parts = text.split('_');
  const read = parts.flatMap((part, i) => properties[i]?.read(part) ?? []);
  return parts.length === properties.length && read.length === parts.length ? read : undefined;
}

function whole(least: number, most: number, initial: number): Property<number> {
  const base = within(least, most, initial);
  return { ...base, read: (text) => (/^\d{1,10}$/.test(text) ? base.read(text) : undefined) };
}

function oneOf<T extends string>(values: readonly T[], initial: NoInfer<T>): Property<T> {
  return { initial, read: (text) => values.find((value) => value === text), write: (value) => value };
}

/** The number of a class, or a word for none in particular. */
function classOr<T extends string>(word: T): Property<number | T> {
  return { initial: word, read: (text) => (text === word ? word : whole(0, 999, 0).read(text)), write: String };
}

function yesOrNo(initial: boolean): Property<boolean> {
  return {
    initial,
    read: (text) => (text === 'yes' ? true : text === 'no' ? false : undefined),
    write: (value) => (value ? 'yes' : 'no'),
  };
}

function source(initial: Source): Property<Source> {
  return { initial, read: readSource, write: writeSource };
}
