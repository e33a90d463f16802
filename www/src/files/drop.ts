import { draw as text } from '../strings/draw.ts';
import { filesOf, type Named } from './folders.ts';
import { isOfTestSet } from './testSet.ts';

/** Whoever takes what is dropped or pasted. */
export interface Takers {
  /** One picture; tells whether it was taken. */
  picture(file: Blob, name: string): Promise<boolean>;
  /** Several pictures, a folder of them, or a test set. */
  pictures(files: readonly Named[]): void;
  /** Model files. */
  models(files: readonly File[]): Promise<boolean>;
}

/**
 * Takes what is dropped or pasted anywhere on the page. `target`, which shows a single picture, is marked while something
 * is held over it, and comes into sight when a picture was taken.
 */
export function acceptFiles(target: HTMLElement, takers: Takers): void {
  const accept = async ({ files, folders }: { readonly files: readonly Named[]; readonly folders: boolean }) => {
    const models = files.filter(({ name }) => isModel(name));
    const [first] = files;
    if (models.length > 0) await takers.models(models.map(({ file }) => file));
    else if (folders || files.length > 1 || files.some(isOfTestSet)) takers.pictures(files);
    else if (first && (await takers.picture(first.file, first.name))) bringIntoSight(target);
  };
  // Leaving a child fires the same event as leaving the target, so entering and leaving are counted.
  let inside = 0;
  const mark = (change: number) => {
    inside = Math.max(0, inside + change);
    target.classList.toggle('dropping', inside > 0);
  };
  target.addEventListener('dragenter', () => mark(1));
  target.addEventListener('dragleave', () => mark(-1));
  // The browser would open what is dropped in place of the page, wherever nobody takes it.
  document.addEventListener('dragover', (event) => {
    if (!isText(event)) event.preventDefault();
  });
  document.addEventListener('drop', (event) => {
    mark(-inside);
    if (isText(event)) return;
    event.preventDefault();
    if (event.dataTransfer) void filesOf(event.dataTransfer).then(accept);
  });
  document.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    void accept({ files: files.map((file) => ({ file, name: text.pasted })), folders: false });
  });
}

/** Whether a file is one of a model, by its name. */
function isModel(name: string): boolean {
  return name.toLowerCase().endsWith('.safetensors');
}

/** Whether what is dragged is for the browser to put into a field. */
function isText({ target, dataTransfer }: DragEvent): boolean {
  return target instanceof HTMLInputElement && target.type === 'number' && !dataTransfer?.types.includes('Files');
}

/** Moves the page no further than it takes to see all of an element; gently, unless the visitor asked for less motion. */
function bringIntoSight(element: HTMLElement): void {
  const gently = !matchMedia('(prefers-reduced-motion: reduce)').matches;
  element.scrollIntoView({ block: 'nearest', behavior: gently ? 'smooth' : 'auto' });
}
