import { busy } from './busy.ts';

/** Views count as seen from this far off, so that they are ready when they come into sight. */
const AHEAD = '400px';

/**
 * Work for a view that is done while the view is in sight, or near. The function that this returns asks for the work:
 * it is done at once, or as soon as the view comes near; asked for several times meanwhile, it is done once.
 */
export function whenVisible(view: HTMLElement, work: () => void): () => void {
  let near = false;
  /** Tells the view that the work which is due has begun. */
  let due: (() => void) | undefined;
  const observer = new IntersectionObserver(
    (entries) => {
      near = entries.at(-1)?.isIntersecting ?? near;
      if (!near || !due) return;
      work();
      due();
      due = undefined;
    },
    { rootMargin: AHEAD },
  );
  observer.observe(view);
  return () => {
    if (near) work();
    else due ??= busy(view);
  };
}

/** Does work for a view once, as soon as it comes near: what most visits do not need is not fetched for them. */
export function whenNear(view: HTMLElement, work: () => Promise<void>): Promise<void> {
  const done = busy(view);
  return new Promise<void>((resolve, reject) => {
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        observer.disconnect();
        work().then(resolve, reject).finally(done);
      },
      { rootMargin: AHEAD },
    );
    observer.observe(view);
  });
}
