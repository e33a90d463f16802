/**
 * Entries of the browser's history are marked with the visit that wrote them. A visit begins when the page opens and
 * whenever an address is typed or followed: going back within one leads to another place of the page and keeps what was
 * set; going back to an earlier one takes its address over.
 */
interface Mark {
  readonly visit: number;
}

const markOf = () => history.state as Mark | null;

let visit = markOf()?.visit ?? Date.now();

/** Writes the part of the address after `#`; none where it is empty. */
export function writeHash(hash: string): void {
  history.replaceState({ visit } satisfies Mark, '', hash === '' ? location.pathname + location.search : `#${hash}`);
}

/** Begins another entry at the same address, so that Back leads to where the visitor is now. */
export function keepPlace(): void {
  history.replaceState({ visit } satisfies Mark, '');
  history.pushState({ visit } satisfies Mark, '');
}

/** Calls `read` when there is an address to take over, and `keep` when the visitor only went to another place. */
export function followAddress(read: () => void, keep: () => void): void {
  addEventListener('hashchange', () => {
    const of = markOf()?.visit;
    if (of === visit) return keep();
    visit = of ?? Date.now();
    read();
  });
}
