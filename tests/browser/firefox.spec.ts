// A second engine: the page in Firefox, and our WGSL under its WebGPU, which is naga's instead of Tint's.

import { expect } from '@playwright/test';
import type { Page } from 'puppeteer-core';
import { firefox } from './support/environment';
import { openFirefox, type FirefoxPage } from './support/firefox';
import { shippedModels } from './support/fixtures';
import { largestDifference, relativeError } from './support/numbers';
import { levels } from './support/page';
import { gridImages } from './support/png';
import { withServers } from './support/servers';
import { reference, samplePng } from './support/trainer';

const path = shippedModels[0]?.path ?? '';
const file = shippedModels[0]?.file ?? '';

/** Opens a Firefox, which is ended after the test; what its page did wrong fails the test. */
const test = withServers.extend<{ open: (options: { webgpu: boolean }) => Promise<Page> }>({
  open: async ({}, use) => {
    const opened: FirefoxPage[] = [];
    await use(async (options) => {
      const one = await openFirefox(options);
      opened.push(one);
      return one.page;
    });
    for (const { close } of opened) await close();
    expect(opened.flatMap(({ faults }) => faults)).toEqual([]);
  },
});

test.skip(firefox === undefined, 'no Firefox: FIREFOX names none');

/** Waits for text to match. */
async function expectText(page: Page, selector: string, wanted: RegExp): Promise<void> {
  await expect.poll(() => page.$eval(selector, (element) => element.textContent ?? '')).toMatch(wanted);
}

/** Waits for canvases to show the images of a grid that the trainer wrote, but for the rounding of single pixels. */
async function expectCanvases(page: Page, selector: string, wanted: Buffer): Promise<void> {
  const images = await gridImages(page, wanted, { channels: 1, height: 28, width: 28 });
  const shown = () => page.$$eval(selector, levels);
  await expect.poll(async () => largestDifference((await shown()).flat(), images.flat())).toBeLessThanOrEqual(1);
}

test('without WebGPU the page draws, turns γ, evaluates an image and interpolates on the CPU', async ({
  site,
  open,
}) => {
  const page = await open({ webgpu: false });
  await page.goto(`${site}#count=4&class=5&seed=3`);
  await expectText(page, '#adapter', /^Running on the CPU/);
  await expectCanvases(page, '#stage-grid canvas', samplePng(path, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 3, 3));

  const words = await page.$eval('#gamma-words', (element) => element.textContent ?? '');
  await page.focus('#dial');
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => page.$eval('#gamma-words', (element) => element.textContent ?? '')).not.toBe(words);
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => page.$eval('#gamma-words', (element) => element.textContent ?? '')).toBe(words);

  await page.$eval('#sample', (view) => view.scrollIntoView());
  await expectCanvases(page, '#grid canvas', samplePng(path, [5], 4, 3));
  await page.$eval('#grid button', (tile) => (tile as HTMLElement).click());
  await page.$eval('#picked-classify', (button) => (button as HTMLElement).click());
  await expectText(page, '#prediction', /\S/);
  await expectText(page, '#bits', /bits\/dim/);
  await page.$eval('#interpolate', (view) => view.scrollIntoView());
  await expect.poll(() => page.$$eval('#strip canvas', (canvases) => canvases.length)).toBeGreaterThan(2);
});

for (const executor of ['cpu', 'gpu'] as const) {
  test(`the module on the ${executor} agrees with the native trainer`, async ({ bench, open }) => {
    const page = await open({ webgpu: true });
    await page.goto(bench.address);
    // Asked again and again from here: what waits in the page is made of text, which its policy forbids.
    await expect.poll(() => page.evaluate(() => 'ibinn' in globalThis)).toBe(true);
    const wanted = reference(path);
    const got = await page.evaluate(
      async (file, executor, pixels) => {
        const model = await ibinn.load(`models/${file}`, { executor });
        const encoded = await model.encode(new Float32Array(pixels));
        const decoded = await model.decode(encoded.z);
        const classified = await model.classify(new Float32Array(pixels));
        const { adapter } = model;
        model.close();
        return {
          adapter,
          z: Array.from(encoded.z),
          logDet: Array.from(encoded.logDet),
          decoded: Array.from(decoded),
          logits: classified.flatMap((c) => Array.from(c.logits)),
        };
      },
      file,
      executor,
      wanted.pixels,
    );
    expect(got.adapter.executor).toBe(executor);
    expect(relativeError(got.z, wanted.z)).toBeLessThan(1e-4);
    expect(relativeError(got.logDet, wanted.logDet)).toBeLessThan(1e-4);
    expect(relativeError(got.logits, wanted.logits)).toBeLessThan(1e-4);
    expect(largestDifference(got.decoded, wanted.pixels)).toBeLessThan(1e-3);
  });
}
