/** The largest difference, relative to the largest number that is wanted, or to 1; infinite when something is missing. */
export function largestDifference(got: Float32Array, wanted: Float32Array): number {
  if (got.length !== wanted.length) {
    return Infinity;
  }
  let [difference, scale] = [0, 1];
  for (const [i, value] of wanted.entries()) {
    const off = Math.abs((got[i] ?? NaN) - value);
    if (Number.isNaN(off)) {
      return Infinity;
    }
    difference = Math.max(difference, off);
    scale = Math.max(scale, Math.abs(value));
  }
  return difference / scale;
}
