// Several workers over one batch: what comes out is what one worker gives, to the bit.

import { shippedModels, expect, test } from './support/fixtures';

const file = shippedModels[0]?.file;
const IMAGES = 150;

declare global {
  /** The workers that calls on a loaded model went to since the last look, on the bench page. */
  var asked: Set<Worker>;
}

test.beforeEach(async ({ page, bench }) => {
  await page.addInitScript(() => {
    globalThis.asked = new Set();
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (this: Worker, ...args: unknown[]) {
      // A worker that has just been started loads the model, and has no part of a batch yet.
      if ((args[0] as { name: string }).name !== 'load') globalThis.asked.add(this);
      return Reflect.apply(post, this, args);
    };
  });
  await page.goto(bench.address);
  await page.waitForFunction(() => 'ibinn' in globalThis);
});

test('one worker is enough until a batch is large', async ({ page }) => {
  const handle = await page.evaluateHandle(async (file) => {
    const model = await ibinn.load(`models/${file}`, { executor: 'cpu', workers: 3 });
    for (let i = 0; i < 5; i++) {
      await model.sample({ class: i, count: 1 });
    }
    return model;
  }, file);
  expect(page.workers()).toHaveLength(1);
  // The first large batch tells what an image costs, the second starts more workers.
  await handle.evaluate(async (model, count) => {
    await model.sample({ class: 0, count });
    await model.sample({ class: 0, count });
  }, IMAGES);
  await expect.poll(() => page.workers().length).toBe(3);
  await handle.evaluate((model) => model.close());
  await expect.poll(() => page.workers().length).toBe(0);
});

test('a batch that is shared gives what one worker gives, in its order', async ({ page }) => {
  const differences = await page.evaluate(
    async ({ file, count }) => {
      const load = (workers: number) => ibinn.load(`models/${file}`, { executor: 'cpu', workers });
      const [one, three] = [await load(1), await load(3)];
      const { dims } = one.spec;
      const whole = await one.sample({ class: 3, count, seed: 5, first: 7 });
      // Until all three have been asked at once.
      while (asked.size < 3) {
        asked.clear();
        await three.sample({ class: 3, count, seed: 5, first: 7 });
      }
      const [a, b] = [whole.z.subarray(0, dims), whole.z.subarray(dims, 2 * dims)];
      const calls = [
        (model: typeof one) => model.sample({ class: 3, count, seed: 5, first: 7 }),
        (model: typeof one) => model.decode(whole.z),
        (model: typeof one) => model.encode(whole.pixels),
        (model: typeof one) => model.classify(whole.pixels),
        (model: typeof one) => model.interpolate(a, b, count),
        (model: typeof one) => model.project(whole.z),
      ];
      const text = (value: unknown) =>
        JSON.stringify(value, (_, v) => (ArrayBuffer.isView(v) ? Array.from(v as Float32Array) : v));
      const same = [];
      for (const call of calls) {
        same.push(text(await call(one)) === text(await call(three)));
      }
      // Calls that overlap are answered in order, though a worker is free for the short one.
      const order: number[] = [];
      const note = (n: number) => () => order.push(n);
      await Promise.all([
        three.decode(whole.z).then(note(1)),
        three.decode(a).then(note(2)),
        three.decode(whole.z).then(note(3)),
      ]);
      one.close();
      three.close();
      return { same, order };
    },
    { file, count: IMAGES },
  );
  expect(differences).toEqual({ same: Array(6).fill(true), order: [1, 2, 3] });
});

test('a shared batch is refused as a whole one is, and a closed model rejects all of it', async ({ page }) => {
  const messages = await page.evaluate(
    async ({ file, count }) => {
      const model = await ibinn.load(`models/${file}`, { executor: 'cpu', workers: 2 });
      const { dims } = model.spec;
      const pixels = new Float32Array(count * dims);
      // Until both have been asked at once.
      while (asked.size < 2) {
        asked.clear();
        await model.encode(pixels);
      }
      pixels[140 * dims + 3] = NaN;
      const z = new Float32Array(count * dims);
      z[0] = Infinity;
      z[149 * dims] = NaN;
      const attempts = [model.encode(pixels), model.decode(z), model.sample({ class: 0, count: 10_001 })];
      const refused = await Promise.allSettled(attempts);
      const waiting = [model.sample({ class: 0, count }), model.sample({ class: 1, count })];
      model.close();
      const closed = await Promise.allSettled([...waiting, model.sample({ class: 0, count })]);
      return [...refused, ...closed].map((r) => (r.status === 'rejected' ? String(r.reason) : r.status));
    },
    { file, count: IMAGES },
  );
  expect(messages).toEqual([
    expect.stringContaining('image 140 holds NaN at index 3'),
    expect.stringContaining('latent 0 holds inf'),
    expect.stringContaining('count is 10001'),
    ...Array(3).fill('IbinnError: the model is closed'),
  ]);
});

test('a number of workers that makes no sense is refused', async ({ page }) => {
  const messages = await page.evaluate(
    (file) =>
      Promise.all(
        [0, 1.5, NaN].map((workers) => ibinn.load(`models/${file}`, { workers }).then(() => 'loaded', String)),
      ),
    file,
  );
  expect(messages).toEqual(
    [0, 1.5, NaN].map((n) => `IbinnError: workers is ${n}, must be a whole number from 1 up, or auto`),
  );
});
