import type { App } from '../../app.ts';
import { button, element } from '../../dom.ts';
import type { Source } from '../../images/source.ts';

/** As many images of the canvas can be gone back to. */
const MOST = 100;

/** Takes the canvas back to the images that were on it before, and forth again: by buttons, and by keys within the view. */
export function mountUndo({ store }: App): void {
  const [undo, redo] = [button('undo'), button('redo')];
  const before: Source[] = [];
  const after: Source[] = [];
  let now = store.state.image;
  let going = false;

  const show = () => {
    // A button that is switched off would lose the focus, and with it the place of the keyboard.
    if (before.length === 0 && document.activeElement === undo) element('canvas').focus({ preventScroll: true });
    if (after.length === 0 && document.activeElement === redo) element('canvas').focus({ preventScroll: true });
    undo.disabled = before.length === 0;
    redo.disabled = after.length === 0;
  };
  const go = (from: Source[], to: Source[]) => {
    const image = from.pop();
    if (!image) return;
    to.push(now);
    going = true;
    store.set({ image });
    going = false;
    show();
  };
  store.subscribe((changed) => {
    if (!changed.has('image')) return;
    if (!going) {
      before.push(now);
      if (before.length > MOST) before.shift();
      after.length = 0;
    }
    now = store.state.image;
    show();
  });
  undo.addEventListener('click', () => go(before, after));
  redo.addEventListener('click', () => go(after, before));
  element('draw').addEventListener('keydown', (event) => {
    const key = event.key.toLowerCase();
    if (!(event.ctrlKey || event.metaKey) || event.altKey || (key !== 'z' && key !== 'y')) return;
    event.preventDefault();
    if (key === 'y' || event.shiftKey) go(after, before);
    else go(before, after);
  });
}
