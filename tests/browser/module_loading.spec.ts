// Loading models with the npm module: progress, abort, and files that are no models.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shippedModels, expect, test } from './support/fixtures';
import { withFlippedBit, withMetadata } from './support/safetensors';
import { otherFamily } from './support/trainer';

const model = readFileSync(shippedModels[0]?.path ?? '');

test.beforeEach(async ({ page, bench }) => {
  await page.goto(bench.address);
  await page.waitForFunction(() => 'ibinn' in globalThis);
});

const BAD_FILES: { what: string; bytes: Buffer; says: RegExp }[] = [
  { what: 'empty', bytes: Buffer.alloc(0), says: /not an ibinn model file/ },
  { what: 'truncated', bytes: model.subarray(0, model.length - 100), says: /truncated/ },
  { what: 'cut in its header', bytes: model.subarray(0, 50), says: /not an ibinn model file/ },
  { what: 'bit-flipped', bytes: withFlippedBit(model), says: /damaged/ },
  { what: 'a renamed text', bytes: Buffer.from('Dear diary,\n'.repeat(99)), says: /not an ibinn model file/ },
  { what: 'a page', bytes: Buffer.from('<!doctype html><title>Not found</title>'), says: /not an ibinn model file/ },
  { what: 'of a later version', bytes: withMetadata(model, 'version', '3'), says: /version 3 is not supported/ },
  { what: "another program's", bytes: withMetadata(model, 'format', 'pt'), says: /its format is `pt`/ },
];

for (const [i, { what, bytes, says }] of BAD_FILES.entries()) {
  test(`a file that is ${what} is refused in one sentence`, async ({ page, bench }) => {
    const file = `bad/${i}.safetensors`;
    writeFileSync(join(bench.dir, file), bytes);
    const fromAddress = await refusal(page, file);
    expect(fromAddress).toMatch(/^IbinnError: bad\/\d\.safetensors: [^\n]+$/);
    expect(fromAddress).toMatch(says);
    const fromBytes = await page.evaluate(async (file) => {
      const bytes = new Uint8Array(await (await fetch(file)).arrayBuffer());
      return ibinn.load(bytes, { executor: 'cpu' }).then(() => 'loaded', String);
    }, file);
    expect(fromBytes).toMatch(says);
  });
}

for (const [model, name] of [
  ['res-net', 'ResNet'],
  ['i-rev-net', 'i-RevNet'],
  ['vib', 'VIB'],
] as const) {
  test(`a model without a density (${name}) is refused in one sentence`, async ({ page, bench }) => {
    writeFileSync(join(bench.dir, `bad/${model}.safetensors`), otherFamily(model));
    const refused = await refusal(page, `bad/${model}.safetensors`);
    expect(refused).toMatch(new RegExp(`^IbinnError: bad/${model}.safetensors: [^\\n]*${name}[^\\n]*$`));
  });
}

async function refusal(page: import('@playwright/test').Page, address: string): Promise<string> {
  return page.evaluate((address) => ibinn.load(address, { executor: 'cpu' }).then(() => 'loaded', String), address);
}

test('an address without a file is refused with the status of its answer', async ({ page, faults }) => {
  expect(await refusal(page, 'models/none.safetensors')).toBe(
    'IbinnError: models/none.safetensors: the server answered 404 Not Found',
  );
  expect(faults.splice(0)).toEqual([expect.stringContaining('404')]);
});

test('a connection that breaks is told', async ({ page, faults }) => {
  await page.route('**/broken.safetensors', (route) => route.abort('connectionreset'));
  expect(await refusal(page, 'broken.safetensors')).toMatch(/^IbinnError: broken.safetensors: the download failed/);
  expect(faults.splice(0)).toEqual([expect.stringContaining('ERR_CONNECTION_RESET')]);
});

test('progress ends with all bytes', async ({ page }) => {
  const steps = await page.evaluate(async (file) => {
    const steps: [number, number | undefined][] = [];
    const model = await ibinn.load(`models/${file}`, {
      executor: 'cpu',
      onProgress: (loaded, total) => steps.push([loaded, total]),
    });
    model.close();
    return steps;
  }, shippedModels[0]?.file);
  expect(steps.at(-1)).toEqual([model.length, model.length]);
  expect(steps.every(([loaded], i) => loaded > (steps[i - 1]?.[0] ?? 0))).toBe(true);
});

test('bytes that are handed in load and stay whole', async ({ page }) => {
  const got = await page.evaluate(async (file) => {
    const bytes = await (await fetch(`models/${file}`)).arrayBuffer();
    const model = await ibinn.load(bytes, { executor: 'cpu' });
    const { spec, card } = model;
    model.close();
    return { left: bytes.byteLength, spec, title: card.title };
  }, shippedModels[0]?.file);
  expect(got.left).toBe(model.length);
  expect(got.spec.dims).toBe(got.spec.channels * got.spec.height * got.spec.width);
  expect(got.spec.classes).toHaveLength(10);
  expect(got.spec.parameters).toBeGreaterThan(0);
  expect(got.title).toBeTruthy();
});

test('loading can be aborted before, while it downloads, and after', async ({ page }) => {
  await page.route('**/slow.safetensors', () => undefined);
  const got = await page.evaluate(async (file) => {
    const early = ibinn.load(`models/${file}`, { signal: AbortSignal.abort() });
    const controller = new AbortController();
    const midway = ibinn.load('slow.safetensors', { signal: controller.signal });
    setTimeout(() => controller.abort(), 100);
    const results = await Promise.allSettled([early, midway]);
    const late = new AbortController();
    const model = await ibinn.load(`models/${file}`, { executor: 'cpu', signal: late.signal });
    late.abort();
    const { pixels } = await model.sample({ class: 0, count: 1 });
    model.close();
    return [...results.map((r) => (r.status === 'rejected' ? r.reason.name : r.status)), pixels.length > 0];
  }, shippedModels[0]?.file);
  expect(got).toEqual(['AbortError', 'AbortError', true]);
});
