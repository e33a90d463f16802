import { paper as inEnglish } from '../paper.ts';

/** Where the paper shows what a note is about: a link to its pages. */
export const paper = (where: string): string => inEnglish(where, 'Artikel');
