/** Two classes, and the share of their pictures that is taken for the other one, from 0 to 1. */
export interface Alike {
  readonly classes: readonly [number, number];
  readonly share: number;
}

/** Fewer looks at two classes say nothing of how alike they are. */
const ENOUGH = 6;
/** Classes of which a smaller share is taken for the other are told apart. */
const SHARE = 0.1;

/** The two classes that are taken for each other the most, where that is often: by looks (rows) and what was seen (columns). */
export function mostAlike(confusion: readonly (readonly number[])[]): Alike | undefined {
  const looks = confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
  let most: Alike | undefined;
  for (let a = 0; a < confusion.length; a++) {
    for (let b = a + 1; b < confusion.length; b++) {
      const all = looks[a]! + looks[b]!;
      const share = all >= ENOUGH ? (confusion[a]![b]! + confusion[b]![a]!) / all : 0;
      if (share >= (most?.share ?? SHARE)) most = { classes: [a, b], share };
    }
  }
  return most;
}
