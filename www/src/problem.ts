import { button, element } from './dom.ts';
import { sentence } from './strings/format.ts';

/** Prepares the line that tells of problems; returns the function that shows one there. */
export function mountProblem(): (problem: unknown) => void {
  const [line, words] = [element('problem'), element('problem-text')];
  const show = (text: string) => {
    words.textContent = text;
    line.classList.toggle('shown', text !== '');
  };
  button('dismiss').addEventListener('click', () => show(''));
  return (problem) => show(sentence(problem instanceof Error ? problem.message : String(problem)));
}
