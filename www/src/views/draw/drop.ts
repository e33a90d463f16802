import { draw as text } from '../../strings/draw.ts';

/**
 * Takes images that are dropped or pasted anywhere on the page; `target`, which shows them, is marked while one is held
 * over it, and comes into sight when one was taken. `take` tells whether it was.
 */
export function acceptFiles(target: HTMLElement, take: (file: Blob, name: string) => Promise<boolean>): void {
  const accept = async (file: File | undefined, name = file?.name ?? '') => {
    if (file && (await take(file, name))) bringIntoSight(target);
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
    void accept(event.dataTransfer?.files[0]);
  });
  document.addEventListener('paste', (event) => void accept(event.clipboardData?.files[0], text.pasted));
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
