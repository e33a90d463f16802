/** Pieces of MathML, for the few formulas of the page. */

/** A formula on a line of its own. */
export const formula = (...parts: string[]): string => `<math display="block">${row(...parts)}</math>`;

/** A formula within a sentence. */
export const inline = (...parts: string[]): string => `<math>${row(...parts)}</math>`;

/** Several parts that count as one. */
export const row = (...parts: string[]): string => `<mrow>${parts.join('')}</mrow>`;

/** A variable. */
export const v = (name: string): string => `<mi>${name}</mi>`;

/** A function of that name (log, exp, det), upright, with the space that sets a name apart from what it is taken of. */
export const f = (name: string): string => `<mi class="function">${name}</mi>`;

/** A number. */
export const n = (value: string): string => `<mn>${value}</mn>`;

/** An operator, a relation, or a bracket. */
export const o = (sign: string): string => `<mo>${sign}</mo>`;

/** A base with an index. */
export const sub = (base: string, index: string): string => `<msub>${base}${index}</msub>`;

/** A base with an exponent. */
export const sup = (base: string, exponent: string): string => `<msup>${base}${exponent}</msup>`;
