import type { Model } from 'ibinn';
import type { Tint } from '../../state.ts';
import type { Regions } from './paint.ts';
import type { Frame } from './view.ts';

/** Cells along the longer side: each is a latent to evaluate. */
const CELLS = 56;

/** The p-values up to which an image is unusual, and none of these. */
const UNUSUAL = 0.05;
const NONE_OF_THESE = 0.01;
/** How strongly each verdict tints. */
const STRENGTHS = [0.35, 0.7, 0.9];

/**
 * Which class wins at each point of a part of the plane, and by how much, or what novelty says there; of the plane through
 * `from` that is parallel to it, where that is given.
 */
export async function regionsOf(
  model: Model,
  part: Frame,
  by: Exclude<Tint, 'none'>,
  from?: Float32Array,
): Promise<Regions> {
  const size = Math.max(part.width, part.height) / CELLS;
  const [columns, rows] = [Math.ceil(part.width / size), Math.ceil(part.height / size)];
  const points = new Float64Array(2 * columns * rows);
  for (let i = 0; i < columns * rows; i++) {
    points[2 * i] = part.left + (((i % columns) + 0.5) / columns) * part.width;
    points[2 * i + 1] = part.top - ((Math.floor(i / columns) + 0.5) / rows) * part.height;
  }
  const z = await model.unproject(points, from);
  const winners = new Uint16Array(columns * rows);
  const shares = new Float32Array(columns * rows);
  if (by === 'novelty') {
    (await model.noveltyP(z)).forEach((p, i) => {
      winners[i] = p <= NONE_OF_THESE ? 2 : p <= UNUSUAL ? 1 : 0;
      shares[i] = STRENGTHS[winners[i]!]!;
    });
    return { part, columns, rows, by, winners, shares };
  }
  const posterior = await model.posterior(z);
  const classes = model.spec.classes.length;
  for (let i = 0; i < columns * rows; i++) {
    for (let k = 0; k < classes; k++) {
      const share = posterior[i * classes + k]!;
      if (share > shares[i]!) [winners[i], shares[i]] = [k, share];
    }
  }
  return { part, columns, rows, by, winners, shares };
}
