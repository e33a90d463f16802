import { element, input } from '../../dom.ts';
import { filesChosen, filesOf, type Named } from '../../files/folders.ts';
import type { Class } from './set.ts';

/** Whoever takes the files. */
export interface Takers {
  /** The class whose card has this place. */
  classOf(card: number): Class | undefined;
  /** Picture files for a class, or for the chosen one. */
  pictures(to: Class | undefined, files: readonly Named[]): void;
  /** A whole set, in folders or an archive. */
  set(files: readonly Named[]): void;
}

/** Takes files that are chosen, dropped or pasted in the view: they are for it, and for nobody else on the page. */
export function acceptPictures(view: HTMLElement, takers: Takers): void {
  choose('teach-files', (files) => takers.pictures(undefined, files));
  choose('teach-set-file', (files) => takers.set(files));
  view.addEventListener('drop', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    event.stopPropagation();
    const cards = [...element('teach-classes').children];
    const onto = takers.classOf(cards.findIndex((card) => card.contains(event.target as Node)));
    void filesOf(event.dataTransfer).then(({ files, folders }) => {
      const isSet = folders || files.some(({ name }) => name.toLowerCase().endsWith('.zip'));
      if (isSet && !onto) takers.set(files);
      else takers.pictures(onto, files);
    });
  });
  view.addEventListener('paste', (event) => {
    const files = filesChosen(event.clipboardData?.files ?? null);
    if (files.length === 0) return;
    event.stopPropagation();
    takers.pictures(undefined, files);
  });
}

/** Hands over what is chosen by an input, which is ready for the same files again then. */
function choose(id: string, take: (files: Named[]) => void): void {
  const list = input(id);
  list.addEventListener('change', () => {
    const files = filesChosen(list.files);
    list.value = '';
    if (files.length > 0) take(files);
  });
}
