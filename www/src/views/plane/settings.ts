import type { PlaneLoss, PlaneSet } from 'ibinn';
import { LARGEST_SEED } from '../../seeds.ts';

/** Which losses are trained: both beside each other, or one of them. */
export type Shown = 'both' | PlaneLoss['kind'];

/** What a visitor sets for training on the plane, but for the painted points. */
export interface PlaneState {
  readonly set: PlaneSet;
  readonly classes: number;
  /** Points of the toy data set. */
  readonly count: number;
  readonly shown: Shown;
  readonly gamma: number;
  /** D of class-NLL: how many dimensions one label is weighed against. */
  readonly dims: number;
  readonly rate: number;
  /** σ of the noise on the points. */
  readonly noise: number;
  readonly seed: number;
  /** Steps that the training has taken where it rests, all of them with these settings and points; else 0. */
  readonly steps: number;
}

export const SETS: readonly PlaneSet[] = ['circles', 'moons', 'spirals', 'blobs', 'blank'];
export const SHOWN: readonly Shown[] = ['both', 'ib', 'class-nll'];
/** The stops of the sliders. */
export const GAMMAS: readonly number[] = [0, 0.02, 0.1, 0.2, 0.5, 1, 2, 5, 20, Infinity];
export const RATES: readonly number[] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05];
/** The plane, a grey image of 28×28 pixels, a colour image of 32×32. */
export const DIMS: readonly number[] = [2, 784, 3072];
export const CLASSES = { least: 2, most: 6 };
export const COUNT = { least: 50, most: 1000, step: 50 };
export const NOISE = { most: 0.6, step: 0.02 };
/** A link brings back no more steps: they are taken again, while the visitor waits. */
export const MOST_STEPS = 10_000;

/** Rings under so much noise that their density is one cloud: nothing but the label tells them apart. */
export const AT_FIRST: PlaneState = {
  set: 'circles',
  classes: 2,
  count: 400,
  shown: 'both',
  gamma: 1,
  dims: 3072,
  rate: 0.01,
  noise: 0.3,
  seed: 4,
  steps: 0,
};

/** The settings as a part of the address: their values, in a fixed order; steps stand there once there are some. */
export function writePlane(state: PlaneState): string {
  const { set, classes, count, shown, gamma, dims, rate, noise, seed, steps } = state;
  const values = [set, classes, count, shown, gamma === Infinity ? 'inf' : gamma, dims, rate, noise, seed];
  return [...values, ...(steps > 0 ? [steps] : [])].join('_');
}

/** The settings that a part of the address names; undefined when there is none such. */
export function readPlane(text: string): PlaneState | undefined {
  const parts = text.split('_');
  const one = <T>(values: readonly T[], part: string | undefined) => values.find((value) => nameOf(value) === part);
  const between = (part: string | undefined, least: number, most: number) => {
    const value = part === undefined || !/^[\d.]{1,10}$/.test(part) ? NaN : Number(part);
    return value >= least && value <= most ? value : undefined;
  };
  const whole = (part: string | undefined, least: number, most: number) => {
    const value = between(part, least, most);
    return Number.isInteger(value) ? value : undefined;
  };
  const set = one(SETS, parts[0]);
  const classes = whole(parts[1], CLASSES.least, CLASSES.most);
  const count = whole(parts[2], COUNT.least, COUNT.most);
  const shown = one(SHOWN, parts[3]);
  const gamma = one(GAMMAS, parts[4]);
  const dims = one(DIMS, parts[5]);
  const rate = one(RATES, parts[6]);
  const noise = between(parts[7], 0, NOISE.most);
  const seed = whole(parts[8], 0, LARGEST_SEED);
  const steps = parts.length === 9 ? 0 : whole(parts[9], 1, MOST_STEPS);
  if (
    set === undefined ||
    classes === undefined ||
    count === undefined ||
    shown === undefined ||
    gamma === undefined ||
    dims === undefined ||
    rate === undefined ||
    noise === undefined ||
    seed === undefined ||
    steps === undefined ||
    parts.length > 10
  ) {
    return undefined;
  }
  return { set, classes, count, shown, gamma, dims, rate, noise, seed, steps };
}

function nameOf(value: unknown): string {
  return value === Infinity ? 'inf' : String(value);
}
