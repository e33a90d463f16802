import { button, element } from './dom.ts';
import { sentence } from './strings/format.ts';

/** The line that tells of problems. */
export interface Problem {
  /** Shows a problem as one sentence. */
  fail(problem: unknown): void;
  /** Empties the line: what the visitor did since has worked. */
  resolved(): void;
}

/** Prepares the line that tells of problems. */
export function mountProblem(): Problem {
  const [line, words] = [element('problem'), element('problem-text')];
  const show = (text: string) => {
    words.textContent = text;
    line.classList.toggle('shown', text !== '');
  };
  button('dismiss').addEventListener('click', () => show(''));
  return {
    fail: (problem) => show(sentence(problem instanceof Error ? problem.message : String(problem))),
    resolved: () => show(''),
  };
}
