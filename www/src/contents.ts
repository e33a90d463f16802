import { keepPlace } from './address.ts';
import { byId, element } from './dom.ts';

/**
 * Links to the views scroll there and leave the address alone, which holds the state. The view takes the focus, so that
 * the Tab key goes on from there.
 */
export function mountContents(): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a[href^="#"]')) {
    const view = element(link.hash.slice(1));
    link.addEventListener('click', (event) => {
      event.preventDefault();
      goTo(view);
    });
  }
}

/** The link to the page in the other language leads to the same place of it: with what is set, which the address holds. */
export function mountLanguage(): void {
  const link = byId('language', HTMLAnchorElement);
  link.addEventListener('click', () => {
    link.search = location.search;
    link.hash = location.hash;
  });
}

/** Brings a view to the top of the window: gently, unless the visitor asked for less motion. Back returns from there. */
export function goTo(view: HTMLElement): void {
  keepPlace();
  const gently = !matchMedia('(prefers-reduced-motion: reduce)').matches;
  view.tabIndex = -1;
  view.focus({ preventScroll: true });
  view.scrollIntoView({ behavior: gently ? 'smooth' : 'auto' });
}
