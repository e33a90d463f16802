/** A number in (0, 1) that looks random and is the same for the same index every time. */
export function fraction(index: number): number {
  let bits = Math.imul(index + 1, 0x9e3779b1);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (((bits ^ (bits >>> 16)) >>> 0) + 0.5) / 2 ** 32;
}

/** A normal number of mean 0 and deviation 1 that is the same for the same index every time. */
export function normal(index: number): number {
  return Math.sqrt(-2 * Math.log(fraction(2 * index))) * Math.cos(2 * Math.PI * fraction(2 * index + 1));
}
