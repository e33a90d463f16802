const FORMATS = [0, 1, 2, 3].map(
  (digits) => new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }),
);

/** A number with so many digits after the point, and with a minus, not a hyphen; what rounds to zero has neither. */
export function number(value: number, digits = 0): string {
  const written = (FORMATS[digits] ?? FORMATS[3]!).format(value);
  return written.replace(/^-(?=[0.]*$)/, '').replace('-', '−');
}

/** A probability as a percentage that never claims certainty. */
export function percent(share: number): string {
  if (share > 0 && share < 0.0005) return '< 0.1 %';
  if (share > 0.9995) return '> 99.9 %';
  return `${number(100 * share, 1)} %`;
}

/** A share of things that were counted; one that nearly all have is at least so much. */
export function shareOf(share: number): string {
  if (share > 0.99) return 'at least 99 %';
  if (share < 0.01) return 'at most 1 %';
  return `${number(100 * share)} %`;
}

/** A share that is counted in percent already. */
export function percentOf(value: number): string {
  return `${number(value, value < 1 ? 2 : 1)} %`;
}

/** Bits per dimension. */
export function bits(value: number): string {
  return number(value, 2);
}

/** What a part of the program says, as a sentence of its own. */
export function sentence(words: string): string {
  const end = /[.!?…]$/.test(words) || words === '' ? '' : '.';
  return words.charAt(0).toUpperCase() + words.slice(1) + end;
}
