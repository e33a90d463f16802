import { goTo } from './contents.ts';
import { button, element } from './dom.ts';
import { drawTry } from './images/tries.ts';
import type { App } from './app.ts';
import { tour as text } from './strings/tour.ts';
import { own } from './images/source.ts';

/** What each step brings into sight. */
const PLACES = ['gamma', 'gamma', 'draw', 'every', 'map'];

/** The tour: five steps through the page, each with a text in a panel at the edge of the window. */
export function mountTour(app: App): void {
  const panel = element('tour');
  const next = button('tour-next');
  let step = 0;

  const show = (number: number) => {
    step = number;
    panel.hidden = false;
    element('tour-words').textContent = text.steps[step] ?? '';
    element('tour-step').textContent = text.step(step + 1, text.steps.length);
    button('tour-back').disabled = step === 0;
    next.textContent = step === text.steps.length - 1 ? text.done : text.next;
    if (PLACES[step] === 'draw') app.store.set({ image: own(drawTry('letter', app.wanted)) });
    goTo(element(PLACES[step] ?? ''));
    next.focus({ preventScroll: true });
  };
  const end = () => {
    panel.hidden = true;
    button('tour-start').focus({ preventScroll: true });
  };
  button('tour-start').addEventListener('click', () => show(0));
  button('tour-back').addEventListener('click', () => show(Math.max(0, step - 1)));
  next.addEventListener('click', () => (step === text.steps.length - 1 ? end() : show(step + 1)));
  button('tour-close').addEventListener('click', end);
  panel.addEventListener('keydown', (event) => event.key === 'Escape' && end());
}
