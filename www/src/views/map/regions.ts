import type { Model } from 'ibinn';
import type { Regions } from './plot.ts';
import type { Frame } from './view.ts';

/** Cells along the longer side: each is a latent to evaluate. */
const CELLS = 56;

/**
 * Which class wins at each point of a part of the plane, and by how much; of the plane through `from` that is parallel to
 * it, where that is given.
 */
export async function regionsOf(model: Model, part: Frame, from?: Float32Array): Promise<Regions> {
  const size = Math.max(part.width, part.height) / CELLS;
  const [columns, rows] = [Math.ceil(part.width / size), Math.ceil(part.height / size)];
  const points = new Float64Array(2 * columns * rows);
  for (let i = 0; i < columns * rows; i++) {
    points[2 * i] = part.left + (((i % columns) + 0.5) / columns) * part.width;
    points[2 * i + 1] = part.top - ((Math.floor(i / columns) + 0.5) / rows) * part.height;
  }
  const posterior = await model.posterior(await model.unproject(points, from));
  const classes = model.spec.classes.length;
  const winners = new Uint8Array(columns * rows);
  const shares = new Float32Array(columns * rows);
  for (let i = 0; i < columns * rows; i++) {
    for (let k = 0; k < classes; k++) {
      const share = posterior[i * classes + k]!;
      if (share > shares[i]!) [winners[i], shares[i]] = [k, share];
    }
  }
  return { part, columns, rows, winners, shares };
}
