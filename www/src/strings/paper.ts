const PAPER = 'https://arxiv.org/abs/2001.06448';
const PDF = 'https://arxiv.org/pdf/2001.06448';

/** Where the paper shows what a note is about, as in "Fig 6, Table 1": a link to its pages. */
export function paper(where: string, name = 'Paper'): string {
  return `<p class="paper"><a href="${PDF}" rel="noreferrer">${name}: ${where}</a></p>`;
}

/** The paper's title, as a link to its abstract. */
export const paperLink = `<a href="${PAPER}" rel="noreferrer">Training Normalizing Flows with the Information
  Bottleneck for Competitive Generative Classification</a>`;
