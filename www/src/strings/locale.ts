/** The language of numbers. */
export const locale = 'en';
