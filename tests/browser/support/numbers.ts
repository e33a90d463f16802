/** The largest difference, relative to the root mean square of what is wanted: log-dets are thousands, latents are ones. */
export function relativeError(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  const square = Array.from(wanted).reduce((sum, value) => sum + value * value, 0);
  return largestDifference(got, wanted) / Math.sqrt(square / wanted.length);
}

/** The largest difference; infinite when the lengths differ or something is not a number. */
export function largestDifference(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (got.length !== wanted.length) {
    return Infinity;
  }
  const differences = Array.from(wanted, (value, i) => Math.abs(value - (got[i] ?? NaN)));
  return differences.some(Number.isNaN) ? Infinity : differences.reduce((most, d) => Math.max(most, d), 0);
}

/** Pixels from 0 to 1 as the trainer writes them into a PNG. */
export function greyLevels(pixels: ArrayLike<number>): number[] {
  return Array.from(pixels, (value) => Math.round(value * 255));
}
