// The plane's trainer of the npm module, on a bare page: a flow that is trained in the browser.

import { expect, test } from './support/fixtures';

test.beforeEach(async ({ page, bench }) => {
  await page.goto(bench.address);
  await page.waitForFunction(() => 'ibinn' in globalThis);
});

test('training tells rings apart with the IB loss, and not with the class-NLL of an image', async ({ page }) => {
  const got = await page.evaluate(async () => {
    const own = { x: new Float32Array(), classes: new Uint8Array() };
    const train = async (loss: import('../../web/dist/index.js').PlaneLoss) => {
      const trainer = await ibinn.PlaneTrainer.start({ classes: 2, seed: 4, loss, rate: 0.01, noise: 0.3 });
      await trainer.setPoints('circles', 400, own);
      const before = await trainer.step(0);
      const after = await trainer.step(500);
      trainer.close();
      return { before, after };
    };
    return Promise.all([train({ kind: 'ib', gamma: 1 }), train({ kind: 'class-nll', dims: 3072 })]);
  });
  const [ib, image] = got;
  for (const { before, after } of got) {
    expect([before.steps, after.steps]).toEqual([0, 500]);
    expect(before.meansDistance).toBeCloseTo(2, 6);
    expect(after.lX).toBeLessThan(before.lX - 0.1);
  }
  expect(ib.after.accuracy).toBeGreaterThan(0.97);
  expect(ib.after.meansDistance).toBeGreaterThan(2.4);
  expect(image.after.accuracy).toBeLessThan(0.7);
  expect(image.after.meansDistance).toBeLessThan(1.6);
  expect(image.after.empiricalDistance).toBeLessThan(0.2 * ib.after.empiricalDistance);
});

test('a picture of the flow holds what it says, and equal trainers give equal ones', async ({ page }) => {
  const got = await page.evaluate(async () => {
    const options = { classes: 3, seed: 7, loss: { kind: 'ib', gamma: Infinity }, rate: 0.01, noise: 0.1 } as const;
    const own = { x: Float32Array.of(0.5, -0.5, 2, 2), classes: Uint8Array.of(2, 0) };
    const trainer = await ibinn.PlaneTrainer.start(options);
    const run = async () => {
      const points = await trainer.setPoints('moons', 10, own);
      await trainer.step(3);
      const view = await trainer.look({ extent: 3, lines: 5, places: 9, side: 8 });
      return { x: Array.from(points.x), classes: Array.from(points.classes), view };
    };
    const first = await run();
    await trainer.restart(options);
    const second = await run();
    trainer.close();
    const plain = ({ x, classes, view }: typeof first) => ({
      x,
      classes,
      view: Object.fromEntries(Object.entries(view).map(([name, values]) => [name, Array.from(values)])),
    });
    return { first: plain(first), second: plain(second) };
  });
  expect(got.second).toEqual(got.first);
  const { x, classes, view } = got.first;
  expect(x.slice(-4)).toEqual([0.5, -0.5, 2, 2]);
  expect(classes).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 2, 0]);
  const lengths = Object.fromEntries(Object.entries(view).map(([name, values]) => [name, values.length]));
  expect(lengths).toEqual({
    means: 6,
    z: 24,
    mesh: 2 * 5 * 9 * 2,
    pointLogLikelihood: 12,
    logLikelihood: 64,
    posterior: 3 * 64,
  });
  const posterior = (view['posterior'] ?? []) as number[];
  expect((posterior[0] ?? 0) + (posterior[1] ?? 0) + (posterior[2] ?? 0)).toBeCloseTo(1, 5);
});

test('arguments that do not fit are refused by name, and the trainer goes on', async ({ page }) => {
  const messages = await page.evaluate(async () => {
    const options = { classes: 2, seed: 0, loss: { kind: 'ib', gamma: 1 }, rate: 0.01, noise: 0 } as const;
    const trainer = await ibinn.PlaneTrainer.start(options);
    const place = (classNumber: number, ...x: number[]) => ({
      x: Float32Array.from(x),
      classes: Uint8Array.of(classNumber),
    });
    const attempts = [
      ibinn.PlaneTrainer.start({ ...options, classes: 1 }),
      trainer.restart({ ...options, seed: 0.5 }),
      trainer.set({ ...options, loss: { kind: 'ib', gamma: -1 } }),
      trainer.set({ ...options, loss: { kind: 'class-nll', dims: 0 } }),
      trainer.set({ ...options, rate: NaN }),
      trainer.setPoints('blank', 0, place(2, 0, 0)),
      trainer.setPoints('blank', 0, place(0, 1)),
      trainer.step(-1),
      trainer.look({ extent: 0, lines: 1, places: 1, side: 1 }),
    ];
    const refused = await Promise.allSettled(attempts);
    await trainer.setPoints('blank', 0, place(1, 0, 0));
    const { steps } = await trainer.step(2);
    const waiting = trainer.step(1);
    trainer.close();
    const closed = await Promise.allSettled([waiting, trainer.step(1)]);
    const said = [...refused, ...closed].map((r) => (r.status === 'rejected' ? String(r.reason) : r.status));
    return [...said, String(steps)];
  });
  const fragments = [
    'classes is 1',
    'seed is 0.5',
    'gamma is -1',
    'dims is 0',
    'learning rate is NaN',
    'class 2 is no point',
  ];
  const more = [
    '1 numbers are no places',
    'count is -1',
    'extent is 0',
    "the plane's trainer is closed",
    "the plane's trainer is closed",
    '2',
  ];
  expect(messages).toEqual([...fragments, ...more].map((fragment) => expect.stringContaining(fragment)));
});
