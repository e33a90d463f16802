/** The language of numbers. */
export const locale = 'de';
