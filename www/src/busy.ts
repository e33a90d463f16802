/** How much work each view has before it. */
const pending = new WeakMap<HTMLElement, number>();

/**
 * Marks a view as busy until the function that this returns is called. Work may overlap: the view is at rest when all of
 * it has ended. Not by `aria-busy`: some screen readers hide what is, and views are also busy while they are out of sight.
 */
export function busy(view: HTMLElement): () => void {
  const count = (change: number) => {
    const left = (pending.get(view) ?? 0) + change;
    pending.set(view, left);
    view.dataset.busy = String(left > 0);
  };
  count(1);
  return () => count(-1);
}
