import { draw as text } from '../../strings/draw.ts';

/** Takes images that are dropped on an element, or pasted anywhere on the page. */
export function acceptFiles(target: HTMLElement, take: (file: Blob, name: string) => void): void {
  // Leaving a child fires the same event as leaving the target, so entering and leaving are counted.
  let inside = 0;
  const mark = (change: number) => {
    inside = Math.max(0, inside + change);
    target.classList.toggle('dropping', inside > 0);
  };
  target.addEventListener('dragenter', () => mark(1));
  target.addEventListener('dragleave', () => mark(-1));
  target.addEventListener('dragover', (event) => event.preventDefault());
  target.addEventListener('drop', (event) => {
    event.preventDefault();
    mark(-inside);
    const file = event.dataTransfer?.files[0];
    if (file) take(file, file.name);
  });
  document.addEventListener('paste', (event) => {
    const file = event.clipboardData?.files[0];
    if (file) take(file, text.pasted);
  });
}
