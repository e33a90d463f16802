/** The largest seed; more would not fit the numbers of JavaScript's bit operations. */
export const LARGEST_SEED = 4294967295;

/** New seeds are drawn below this: short enough to tell each other. */
const BELOW = 10_000;

/** Another seed, by chance. */
export function newSeed(): number {
  return Math.floor(BELOW * Math.random());
}

/** The seed that a visitor typed, or the nearest one. */
export function typedSeed(text: string): number {
  return Math.min(LARGEST_SEED, Math.max(0, Math.floor(Number(text)) || 0));
}
