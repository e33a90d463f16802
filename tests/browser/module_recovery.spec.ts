// What the npm module does when things break: no GPU, a lost one, a panic.

import { chromium } from '@playwright/test';
import { withoutWebGpu } from './support/chromium';
import { shippedModels, expect, test } from './support/fixtures';
import { largestDifference } from './support/numbers';

const file = shippedModels[0]?.file;

test.beforeEach(async ({ page, bench }) => {
  await page.goto(bench.address);
  await page.waitForFunction(() => 'ibinn' in globalThis);
});

test('a lost GPU device is replaced and the call repeated', async ({ page }) => {
  const got = await page.evaluate(async (file) => {
    const model = await ibinn.load(`models/${file}`, { executor: 'gpu' });
    const draw = async () => Array.from((await model.sample({ class: 2, count: 2 })).pixels);
    const before = { pixels: await draw(), notice: model.adapter.notice };
    await testing.loseDevice(model);
    const after = { pixels: await draw(), notice: model.adapter.notice };
    // Lost while calls wait.
    const [, ...waiting] = await Promise.all([testing.loseDevice(model), draw(), draw()]);
    model.close();
    return { before, after, waiting };
  }, file);
  expect(got.before.notice ?? '').not.toMatch(/lost/);
  expect(got.after.notice).toMatch(/lost/);
  for (const pixels of [got.after.pixels, ...got.waiting]) {
    expect(largestDifference(pixels, got.before.pixels)).toBe(0);
  }
});

test('auto takes a real GPU, and the CPU with a notice where the GPU is a software one', async ({ page }) => {
  const got = await page.evaluate(async (file) => {
    const model = await ibinn.load(`models/${file}`);
    const { adapter } = model;
    model.close();
    const info = (await navigator.gpu.requestAdapter())?.info as GPUAdapterInfo & { isFallbackAdapter?: boolean };
    return { adapter, software: info.isFallbackAdapter };
  }, file);
  if (got.software) {
    expect(got.adapter).toMatchObject({ executor: 'cpu', name: 'CPU', backend: 'WebAssembly', software: false });
    expect(got.adapter.notice).toMatch(/software/);
  } else {
    expect(got.adapter).toMatchObject({ executor: 'gpu', backend: 'WebGPU', software: false, notice: null });
  }
});

test('without WebGPU the CPU runs the model, and asking for the GPU is refused', async ({ bench }) => {
  const browser = await chromium.launch(withoutWebGpu);
  try {
    const page = await browser.newPage();
    await page.goto(bench.address);
    await page.waitForFunction(() => 'ibinn' in globalThis);
    const got = await page.evaluate(async (file) => {
      const refused = await ibinn.load(`models/${file}`, { executor: 'gpu' }).then(() => 'loaded', String);
      const model = await ibinn.load(`models/${file}`);
      const { adapter } = model;
      model.close();
      return { refused, adapter };
    }, file);
    expect(got.refused).toMatch(/^IbinnError: no usable GPU: [^\n]+$/);
    expect(got.adapter.executor).toBe('cpu');
    expect(got.adapter.notice).toMatch(/no usable GPU/);
  } finally {
    await browser.close();
  }
});

for (const { missing, says } of [
  { missing: 'worker.js', says: /^IbinnError: the engine's worker could not be loaded$/ },
  { missing: 'ibinn_web*_bg.wasm', says: /^IbinnError: the engine could not be started in this browser: [^\n]+$/ },
]) {
  test(`loading is refused when ${missing} cannot be fetched`, async ({ page }) => {
    await page.route(`**/${missing}`, (route) => route.abort());
    const refused = await page.evaluate((file) => ibinn.load(`models/${file}`).then(() => 'loaded', String), file);
    expect(refused).toMatch(says);
  });
}

test('a panic reaches the console and rejects the call and all later ones', async ({ page, faults }) => {
  const messages = await page.evaluate(async (file) => {
    const model = await ibinn.load(`models/${file}`, { executor: 'cpu' });
    const calls = [testing.panic(model), model.sample({ class: 0, count: 1 })];
    const settled = [
      ...(await Promise.allSettled(calls)),
      ...(await Promise.allSettled([model.sample({ class: 0, count: 1 })])),
    ];
    return settled.map((r) => (r.status === 'rejected' ? String(r.reason) : r.status));
  }, file);
  expect(messages).toEqual(Array(3).fill(expect.stringMatching(/^IbinnError: the engine stopped[^\n]+$/)));
  expect(faults.splice(0).join()).toContain('a test asked for a panic');
});
