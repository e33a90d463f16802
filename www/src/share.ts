import { button } from './dom.ts';
import { lastViewForLink } from './lastView.ts';
import type { Store } from './store.ts';
import { frame as text } from './strings/frame.ts';

/** The button says so for this long before it offers to share again. */
const SAID_MS = 2500;

/** Whether a link holds an image of the visitor's. */
function holdsPicture({ state }: Store): boolean {
  return [state.image, state.a, state.b].some(({ kind }) => kind === 'image');
}

/**
 * Shares the address, which holds the state, and names the view that the visitor last did something in: by the system's
 * own dialogue on touch screens, else by the clipboard.
 */
export function mountShare(store: Store, fail: (problem: unknown) => void): void {
  const share = button('share');
  const say = (words: string) => {
    share.textContent = words;
    setTimeout(() => (share.textContent = text.page.share), SAID_MS);
  };
  share.addEventListener('click', async () => {
    store.flush(lastViewForLink());
    const { href } = location;
    if (matchMedia('(pointer: coarse)').matches && navigator.canShare?.({ url: href })) {
      // Closing the dialogue without a choice is no failure.
      await navigator.share({ url: href, title: document.title }).catch(() => undefined);
      return;
    }
    try {
      // Absent where the page came over plain http.
      await navigator.clipboard.writeText(href);
      say(holdsPicture(store) ? text.copiedPicture : text.copied);
    } catch {
      fail(text.notCopied);
    }
  });
}
