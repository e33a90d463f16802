import type { Classification, Model } from 'ibinn';
import type { Shape } from '../../images/pixels.ts';

/** As many images are asked for at once, so that other views get their turn. */
const CHUNK = 24;

/** A square of pixels that is hidden. */
export interface Patch {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

/** What hiding a patch changes: the image's numbers minus those of the image without it, nats. */
export interface Change {
  readonly patch: Patch;
  /** Of log q(x|y), for every class. */
  readonly classes: Float64Array;
  /** Of log q(x). */
  readonly likelihood: number;
}

/** Patches of a side that cover an image, at half their side from each other. */
export function patchesOf({ height, width }: Shape, side: number): Patch[] {
  const starts = (length: number) => {
    const step = Math.max(1, side / 2);
    const count = Math.ceil((length - side) / step) + 1;
    return Array.from({ length: count }, (_, i) => Math.min(Math.round(i * step), length - side));
  };
  return starts(height).flatMap((top) => starts(width).map((left) => ({ left, top, side })));
}

/** The image with a patch replaced by the mean of the pixels around it, channel by channel. */
export function without(
  pixels: Float32Array,
  { channels, height, width }: Shape,
  { left, top, side }: Patch,
): Float32Array {
  const hidden = pixels.slice();
  for (let c = 0; c < channels; c++) {
    const at = (x: number, y: number) => (c * height + y) * width + x;
    let [sum, count] = [0, 0];
    for (let y = Math.max(0, top - 1); y <= Math.min(height - 1, top + side); y++) {
      for (let x = Math.max(0, left - 1); x <= Math.min(width - 1, left + side); x++) {
        if (x >= left && x < left + side && y >= top && y < top + side) continue;
        sum += pixels[at(x, y)]!;
        count++;
      }
    }
    for (let y = top; y < top + side; y++) hidden.fill(sum / count, at(left, y), at(left + side, y));
  }
  return hidden;
}

/**
 * Hides one patch after the other and asks the model again; exact, as its likelihood is. Hands over what is known so
 * far after every few patches; stops when that returns false.
 */
export async function changesOf(
  model: Model,
  pixels: Float32Array,
  patches: readonly Patch[],
  known: (changes: readonly Change[], whole: Classification) => boolean,
): Promise<void> {
  const { dims } = model.spec;
  const [whole] = await model.classify(pixels);
  const changes: Change[] = [];
  for (let start = 0; whole && start < patches.length; start += CHUNK) {
    const some = patches.slice(start, start + CHUNK);
    const images = new Float32Array(some.length * dims);
    some.forEach((patch, i) => images.set(without(pixels, model.spec, patch), i * dims));
    const results = await model.classify(images);
    results.forEach((result, i) =>
      changes.push({
        patch: some[i]!,
        classes: whole.logits.map((logit, k) => logit + whole.logDet - result.logits[k]! - result.logDet),
        likelihood: whole.logLikelihood - result.logLikelihood,
      }),
    );
    if (!known(changes, whole)) return;
  }
}

/** A value for every pixel: the mean of `value` over the patches that cover it; 0 where none does. */
export function spread(
  changes: readonly Change[],
  { height, width }: Shape,
  value: (change: Change) => number,
): Float64Array {
  const [sums, counts] = [new Float64Array(height * width), new Float64Array(height * width)];
  for (const change of changes) {
    const { left, top, side } = change.patch;
    for (let y = top; y < top + side; y++) {
      for (let x = left; x < left + side; x++) {
        sums[y * width + x]! += value(change);
        counts[y * width + x]!++;
      }
    }
  }
  return sums.map((sum, i) => (counts[i]! > 0 ? sum / counts[i]! : 0));
}
