// The npm module itself, on a bare page: the numbers of both executors against the native trainer's.

import { shippedModels, expect, test } from './support/fixtures';
import { gridImages } from './support/png';
import { greyLevels, largestDifference, relativeError } from './support/numbers';
import { evaluate, IMAGES, interpolatePng, reference, samplePng } from './support/trainer';

test.beforeEach(async ({ page, bench }) => {
  await page.goto(bench.address);
  await page.waitForFunction(() => 'ibinn' in globalThis);
});

test('the browser has a WebGPU adapter', async ({ page }) => {
  expect(await page.evaluate(async () => (await navigator.gpu?.requestAdapter()) !== null)).toBe(true);
});

test('the site ships models', () => {
  expect(shippedModels.length).toBeGreaterThan(0);
});

for (const { file, title, path } of shippedModels) {
  for (const executor of ['cpu', 'gpu'] as const) {
    test(`${title} on the ${executor} agrees with the native trainer`, async ({ page }) => {
      const wanted = reference(path);
      const got = await page.evaluate(
        async ({ file, executor, pixels }) => {
          const model = await ibinn.load(`models/${file}`, { executor });
          const images = new Float32Array(pixels);
          const encoded = await model.encode(images);
          const classified = await model.classify(images);
          const one = await model.encode(images.subarray(0, model.spec.dims));
          const decoded = await model.decode(encoded.z);
          const { card, adapter } = model;
          model.close();
          return {
            adapter,
            trained: card.evaluation,
            z: Array.from(encoded.z),
            logDet: Array.from(encoded.logDet),
            one: Array.from(one.z),
            decoded: Array.from(decoded),
            classified: classified.map((c) => ({
              ...c,
              logits: Array.from(c.logits),
              posterior: Array.from(c.posterior),
              z: Array.from(c.z),
            })),
          };
        },
        { file, executor, pixels: wanted.pixels },
      );

      expect(got.adapter.executor).toBe(executor);
      expect(got.adapter.name).toMatch(executor === 'cpu' ? /^CPU$/ : /^(?!unnamed)./);
      expect(relativeError(got.z, wanted.z)).toBeLessThan(1e-4);
      expect(relativeError(got.logDet, wanted.logDet)).toBeLessThan(1e-4);
      expect(
        relativeError(
          got.classified.flatMap((c) => c.logits),
          wanted.logits,
        ),
      ).toBeLessThan(1e-4);
      expect(
        relativeError(
          got.classified.map((c) => c.logLikelihood),
          wanted.logLikelihood,
        ),
      ).toBeLessThan(1e-4);
      expect(largestDifference(got.decoded, wanted.pixels)).toBeLessThan(1e-3);
      // One image alone gives what it gives among others.
      expect(relativeError(got.one, got.z.slice(0, got.one.length))).toBeLessThan(1e-5);
      expect(got.classified.flatMap((c) => c.z)).toEqual(got.z);
      expect(got.classified.map((c) => c.logDet)).toEqual(got.logDet);

      const evaluated = evaluate(path);
      const mean = (of: (c: (typeof got.classified)[number]) => number) =>
        got.classified.reduce((sum, c) => sum + of(c), 0) / IMAGES;
      expect(mean((c) => c.lX)).toBeCloseTo(evaluated.l_x, 3);
      expect(mean((c) => c.bitsPerDim)).toBeCloseTo(evaluated.bits_per_dim, 3);
      expect(mean((c) => c.bitsPerDimTables)).toBeCloseTo(evaluated.bits_per_dim_tables, 3);
      for (const { prediction, posterior, entropy, lX, typicality } of got.classified) {
        expect(posterior.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
        expect(posterior[prediction]).toBe(Math.max(...posterior));
        expect(entropy).toBeGreaterThanOrEqual(0);
        expect(entropy).toBeLessThanOrEqual(Math.log(posterior.length));
        const quantiles = got.trained?.typicality.quantiles ?? [];
        const below = quantiles.filter((quantile) => quantile < lX).length / (quantiles.length - 1);
        expect(Math.abs((typicality?.shareBelow ?? NaN) - Math.min(below, 1))).toBeLessThan(0.01);
        expect(typicality?.shareMoreTypical).toBeGreaterThanOrEqual(0);
        expect(typicality?.shareMoreTypical).toBeLessThanOrEqual(1);
      }
    });

    test(`${title} on the ${executor} draws the trainer's pictures`, async ({ page }) => {
      const { pixels } = reference(path);
      const got = await page.evaluate(
        async ({ file, executor, pixels }) => {
          const model = await ibinn.load(`models/${file}`, { executor });
          const { dims } = model.spec;
          const samples = [];
          for (const label of [0, 5]) {
            samples.push(await model.sample({ class: label, count: 3, seed: 7 }));
          }
          const third = await model.sample({ class: 5, count: 1, seed: 7, first: 2 });
          const { z } = await model.encode(new Float32Array(pixels));
          const walk = await model.interpolate(z.subarray(0, dims), z.subarray(2 * dims, 3 * dims), 5);
          const { spec } = model;
          model.close();
          return {
            spec,
            samples: samples.map((s) => Array.from(s.pixels)),
            third: Array.from(third.pixels),
            walk: Array.from(walk.pixels),
          };
        },
        { file, executor, pixels },
      );
      const { dims } = got.spec;
      const drawn = await gridImages(page, samplePng(path, [0, 5], 3, 7), got.spec);
      expect(largestDifference(greyLevels(got.samples.flat()), drawn.flat())).toBeLessThanOrEqual(1);
      expect(largestDifference(got.third, got.samples[1]?.slice(2 * dims) ?? [])).toBeLessThan(1e-4);
      const walked = await gridImages(page, interpolatePng(path, 0, 2, 5), got.spec);
      expect(largestDifference(greyLevels(got.walk), walked.flat())).toBeLessThanOrEqual(1);
    });
  }
}

test('the plane of the means takes latents in and gives latents back', async ({ page }) => {
  for (const { file, path } of shippedModels) {
    const { z } = reference(path);
    const got = await page.evaluate(
      async ({ file, z }) => {
        const model = await ibinn.load(`models/${file}`, { executor: 'cpu' });
        const latents = new Float32Array(z);
        const points = await model.project(latents);
        const first = latents.slice(0, model.spec.dims);
        const away = new Float64Array([3, -4]);
        const there = await model.unproject(away, first);
        const back = await model.unproject(points.slice(0, 2), there);
        const inPlane = await model.unproject(new Float64Array([0, 0, 3, -4]));
        const again = await model.project(inPlane);
        const images = await model.decode(inPlane);
        const { dims } = model.spec;
        model.close();
        return {
          dims,
          points: Array.from(points),
          first: Array.from(first),
          back: Array.from(back),
          moved: Array.from(there),
          again: Array.from(again),
          images: Array.from(images),
        };
      },
      { file, z },
    );
    expect(got.points.length).toBe(2 * IMAGES);
    expect(largestDifference(got.back, got.first)).toBeLessThan(1e-4);
    expect(largestDifference(got.again, [0, 0, 3, -4])).toBeLessThan(1e-3);
    const step = Math.hypot(...got.moved.map((value, i) => value - (got.first[i] ?? NaN)));
    expect(step).toBeCloseTo(Math.hypot(3 - (got.points[0] ?? NaN), -4 - (got.points[1] ?? NaN)), 3);
    expect(got.images.length).toBe(2 * got.dims);
    expect(got.images.every((value) => value >= 0 && value <= 1)).toBe(true);
  }
});

test('calls that overlap are answered in order', async ({ page }) => {
  const got = await page.evaluate(async (file) => {
    const model = await ibinn.load(`models/${file}`, { executor: 'gpu' });
    const order: number[] = [];
    const drawn = await Promise.all(
      [3, 1, 2].map(async (count) => {
        const { pixels } = await model.sample({ class: 1, count });
        order.push(count);
        return pixels.length / model.spec.dims;
      }),
    );
    model.close();
    return { order, drawn };
  }, shippedModels[0]?.file);
  expect(got).toEqual({ order: [3, 1, 2], drawn: [3, 1, 2] });
});

test('a closed model rejects waiting and later calls', async ({ page }) => {
  const messages = await page.evaluate(async (file) => {
    const model = await ibinn.load(`models/${file}`, { executor: 'cpu' });
    const waiting = model.sample({ class: 0, count: 50 });
    model.close();
    const results = await Promise.allSettled([waiting, model.sample({ class: 0, count: 1 })]);
    return results.map((r) =>
      r.status === 'rejected' && r.reason instanceof ibinn.IbinnError ? r.reason.message : r.status,
    );
  }, shippedModels[0]?.file);
  expect(messages).toEqual(['the model is closed', 'the model is closed']);
});

test('arguments that do not fit are refused by name, and the model goes on', async ({ page }) => {
  const messages = await page.evaluate(async (file) => {
    const model = await ibinn.load(`models/${file}`, { executor: 'cpu' });
    const { dims } = model.spec;
    const attempts = [
      model.encode(new Float32Array(dims + 1)),
      model.encode(new Float32Array(dims).fill(NaN)),
      model.decode(new Float32Array(dims - 1)),
      model.sample({ class: 10, count: 1 }),
      model.sample({ class: 0, count: 0 }),
      model.sample({ class: 0, count: 1, temperature: -1 }),
      model.sample({ class: 0, count: 1, seed: 0.5 }),
      model.interpolate(new Float32Array(dims), new Float32Array(1), 3),
      model.interpolate(new Float32Array(dims), new Float32Array(dims), 1),
      model.project(new Float32Array(1)),
      model.unproject(new Float64Array(3)),
      model.unproject(new Float64Array(2), new Float32Array(1)),
    ];
    const refused = await Promise.allSettled(attempts);
    const empty = await model.encode(new Float32Array(0));
    await model.sample({ class: 0, count: 1 });
    model.close();
    return [...refused.map((r) => (r.status === 'rejected' ? String(r.reason) : r.status)), String(empty.z.length)];
  }, shippedModels[0]?.file);
  const fragments = [
    'whole number of images',
    'image 0 holds NaN',
    'whole number of latents',
    'class is 10',
    'count is 0',
    'temperature is -1',
    'seed is 0.5',
    'latent b has 1 numbers',
    'steps is 1',
    'whole number of latents',
    'whole number of points',
    'latent from has 1 numbers',
    '0',
  ];
  expect(messages).toEqual(fragments.map((fragment) => expect.stringContaining(fragment)));
  expect(messages.slice(0, -1)).toEqual(fragments.slice(1).map(() => expect.stringMatching(/^IbinnError: [^\n]+$/)));
});

test('pictures are fitted and images disturbed without a model', async ({ page }) => {
  const got = await page.evaluate(async () => {
    const shape = { channels: 1, height: 4, width: 4 };
    const wide = new ImageData(8, 2);
    wide.data.forEach((_, i) => (wide.data[i] = i % 4 === 3 ? 255 : 100));
    const fitted = await ibinn.fitPicture(wide, shape);
    const left = wide.data.length;
    const none = { rotation: 0, noise: 0, blur: 0, inversion: 0, occlusion: 0, colours: 0 };
    const image = Float32Array.from({ length: 16 }, (_, i) => i / 16);
    const same = await ibinn.corruptImage(image, shape, none);
    const turned = await ibinn.corruptImage(image, shape, { ...none, rotation: 180 });
    const inverted = await ibinn.corruptImage(image, shape, { ...none, inversion: 1 });
    const refused = await ibinn.corruptImage(image, shape, { ...none, blur: -1 }).catch(String);
    return {
      fitted: [...fitted],
      left,
      image: [...image],
      same: [...same],
      turned: [...turned],
      inverted: [...inverted],
      refused,
    };
  });
  expect(got.fitted).toEqual(Array(16).fill(100));
  expect(got.left).toBe(0);
  expect(got.same).toEqual(got.image);
  expect(largestDifference(got.turned, [...got.image].reverse())).toBeLessThan(1e-6);
  expect(
    largestDifference(
      got.inverted,
      got.image.map((value) => 1 - value),
    ),
  ).toBeLessThan(1e-6);
  expect(got.refused).toContain('blur is -1');
});

test('bits per dimension and shares of the test images are those of a classification', async ({ page }) => {
  const got = await page.evaluate(async (file) => {
    const model = await ibinn.load(`models/${file}`, { executor: 'cpu' });
    const [result] = await model.classify(new Float32Array(model.spec.dims));
    const lX = Float64Array.of(result!.lX);
    const [bits, below] = await Promise.all([model.bitsPerDim(lX), model.shareBelow(lX)]);
    model.close();
    return {
      bits: [...bits],
      below: [...below],
      result: { bits: result!.bitsPerDim, below: result!.typicality?.shareBelow },
    };
  }, shippedModels[0]!.file);
  expect(got.bits).toEqual([got.result.bits]);
  expect(got.below).toEqual([got.result.below]);
});
