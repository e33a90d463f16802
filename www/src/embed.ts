/**
 * With `?embed=VIEW` in the address, the page is one view alone, for slides and frames in other pages: with the dial, and
 * without title, texts and all other views. Asks for nothing where the address names no view.
 */
export function embed(): void {
  const name = new URLSearchParams(location.search).get('embed');
  const views = [...document.querySelectorAll<HTMLElement>('.view')];
  const view = views.find(({ id }) => id !== '' && id === name);
  if (!view) return;
  document.documentElement.classList.add('embedded');
  for (const other of views) other.hidden = other !== view;
}
