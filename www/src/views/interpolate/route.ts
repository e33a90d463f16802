import type { Model } from 'ibinn';
import { fromBytes, nth, toBytes } from '../../images/pixels.ts';
import { bytesOf, fitSource, latentOf, type Source } from '../../images/source.ts';
import type { State } from '../../state.ts';

/** A way through latent space: straight from knot to knot, all pieces equally long in position from 0 to 1. */
export interface Route {
  readonly model: Model;
  readonly knots: readonly Float32Array[];
  /** Images at equal steps of the way, both ends included. */
  readonly strip: readonly Uint8Array[];
  /** What the model makes of each. */
  readonly posteriors: readonly Float64Array[];
}

/** The latent at a position from 0 to 1. */
export function latentAt({ knots }: Pick<Route, 'knots'>, position: number): Float32Array {
  const place = position * (knots.length - 1);
  const before = Math.min(knots.length - 2, Math.floor(place));
  const [a, b] = [knots[before]!, knots[before + 1]!];
  const share = place - before;
  return a.map((value, i) => (1 - share) * value + share * b[i]!);
}

/** The way that the state asks for, through the latent space of a model. */
export async function routeOf(model: Model, state: Readonly<State>): Promise<Route> {
  const a = fitSource(state.a, model);
  if (state.walk === 'classes') return throughClasses(model, a);
  const knots = [await latentOf(a, model), await latentOf(fitSource(state.b, model), model)];
  const { pixels } = await model.interpolate(knots[0]!, knots[1]!, state.steps);
  return finish(model, knots, pixels);
}

/**
 * What is not class of an image, z − m_y, with the mean m of each class in turn. The means are those that samples are
 * drawn around; the class of an image that is no sample is the one that the model names.
 */
async function throughClasses(model: Model, source: Source): Promise<Route> {
  const { classes } = model.spec;
  const z = await latentOf(source, model);
  const means: Float32Array[] = [];
  for (let k = 0; k < classes.length; k++) {
    // A sample of temperature 0 is the mean itself.
    means.push((await model.sample({ class: k, count: 1, temperature: 0 })).z);
  }
  const own = means[source.kind === 'sample' ? source.class : await predicted(model, source)]!;
  const knots = means.map((mean) => mean.map((value, i) => value + z[i]! - own[i]!));
  const all = new Float32Array(knots.length * z.length);
  knots.forEach((knot, k) => all.set(knot, k * z.length));
  return finish(model, knots, await model.decode(all));
}

async function predicted(model: Model, source: Source): Promise<number> {
  const [result] = await model.classify(fromBytes(await bytesOf(source, model)));
  return result?.prediction ?? 0;
}

async function finish(model: Model, knots: readonly Float32Array[], pixels: Float32Array): Promise<Route> {
  const count = pixels.length / model.spec.dims;
  const strip = Array.from({ length: count }, (_, i) => toBytes(nth(pixels, i, model.spec)));
  const along = await model.classify(pixels);
  return { model, knots, strip, posteriors: along.map(({ posterior }) => posterior) };
}
