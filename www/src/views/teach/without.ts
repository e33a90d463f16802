/** Parts of the view that an address can leave out, as in `?without=gamma,files`: each is a class of style. */
export const PARTS = [
  'lesson',
  'kind',
  'camera',
  'files',
  'drawn',
  'archive',
  'begin',
  'gamma',
  'vary',
  'charts',
  'map',
  'samples',
  'notes',
] as const;

/** Leaves out of the view what the address says. */
export function leaveOut(view: HTMLElement): void {
  const asked = new URLSearchParams(location.search).get('without')?.split(',') ?? [];
  for (const part of PARTS) view.classList.toggle(`without-${part}`, asked.includes(part));
}
