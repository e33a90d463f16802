/** What the address of a link calls the view that the visitor last did something in. */
const NAME = 'at';

const views = () => [...document.querySelectorAll<HTMLElement>('.view[id]')];
let last: HTMLElement | undefined;

/** Follows which view the visitor does something in, and opens the page at the one that a link names. */
export function mountLastView(): void {
  const follow = ({ target }: Event) => {
    last = (target instanceof Element && target.closest<HTMLElement>('.view[id]')) || last;
  };
  for (const event of ['pointerdown', 'focusin']) document.addEventListener(event, follow);
  const show = () => {
    const id = new URLSearchParams(location.hash.slice(1)).get(NAME);
    views()
      .find((view) => view.id === id)
      ?.scrollIntoView();
  };
  addEventListener('hashchange', show);
  show();
}

/** The part of a link's address that names the view; none for the first view, at which the page opens anyway. */
export function lastViewForLink(): string {
  return last && last !== views()[0] ? `${NAME}=${last.id}` : '';
}
