import { locale } from './locale.ts';

const FORMATS = [0, 1, 2, 3].map(
  (digits) => new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
);

/** A number with so many digits after the point, and with a minus, not a hyphen; what rounds to zero has neither. */
export function number(value: number, digits = 0): string {
  const written = (FORMATS[digits] ?? FORMATS[3]!).format(value);
  return written.replace(/^-(?=[0.,]*$)/, '').replace('-', '−');
}

const PLAIN = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });

/** A number with no more digits than it needs, up to two after the point. */
export const plain = (value: number): string => PLAIN.format(value);

/** A probability as a percentage that never claims certainty. */
export function percent(share: number): string {
  if (share > 0 && share < 0.0005) return `< ${number(0.1, 1)} %`;
  if (share > 0.9995) return `> ${number(99.9, 1)} %`;
  return `${number(100 * share, 1)} %`;
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
