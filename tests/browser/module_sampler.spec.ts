// The custom element: on the example page, and on a page with a strict policy.

import type { Locator, Page } from '@playwright/test';
import { allModels, expect, shippedModels, test } from './support/fixtures';
import { expectImages } from './support/page';
import { samplePng } from './support/trainer';

const [model] = shippedModels;
const IMAGES = 'ibinn-sampler canvas';

test('the example page draws samples, follows its controls and says how likely one is', async ({ page, bench }) => {
  await page.goto(`${bench.address}example/`);
  const sampler = page.locator('ibinn-sampler');
  const source = (await sampler.getAttribute('src')) ?? '';
  const used = allModels.find(({ file }) => source.endsWith(`/${file}`));
  expect(used, `${source} is shipped`).toBeDefined();
  const path = used?.path ?? '';
  const sneaker = used?.classes.indexOf('sneaker') ?? -1;
  await expectImages(page, IMAGES, samplePng(path, [sneaker], 12, 0));

  await page.getByRole('button', { name: 'Others' }).click();
  const seed = Number(await sampler.getAttribute('seed'));
  await expectImages(page, IMAGES, samplePng(path, [sneaker], 12, seed));
  await page.getByRole('button', { name: 'sneaker, sample 3' }).click();
  await expect(page.locator('output')).toHaveText(/^-?[\d.]+ bits\/dim$/);
});

/** Puts the element on the bench page: three samples of class 4. */
async function place(page: Page, bench: string): Promise<Locator> {
  await page.goto(bench);
  await page.evaluate(async (src) => {
    await import(`${location.href}dist/sampler.js`);
    const sampler = document.createElement('ibinn-sampler');
    for (const [name, value] of [
      ['src', src],
      ['of', '4'],
      ['count', '3'],
      ['seed', '9'],
    ] as const)
      sampler.setAttribute(name, value);
    document.body.append(sampler);
  }, `models/${model?.file}`);
  return page.locator('ibinn-sampler');
}

test('the element works under a strict policy, follows its attributes, and says what is wrong', async ({
  page,
  bench,
}) => {
  const sampler = await place(page, bench.address);
  await expectImages(page, IMAGES, samplePng(model?.path ?? '', [4], 3, 9));

  await sampler.evaluate((element) => element.setAttribute('count', '8'));
  await expectImages(page, IMAGES, samplePng(model?.path ?? '', [4], 8, 9));
  await sampler.evaluate((element) => element.setAttribute('temperature', 'hot'));
  await expect(sampler.locator('p')).toHaveText('temperature is NaN, must be a number from 0 up');
  await expect(sampler.locator('canvas')).toHaveCount(0);
  for (const count of ['some', '-3', '0']) {
    await sampler.evaluate((element, count) => element.setAttribute('count', count), count);
    await expect(sampler.locator('p')).toHaveText(/^count is (NaN|-3|0), must be a whole number from 1 to 10000$/);
  }
  await sampler.evaluate((element) => element.setAttribute('count', '8'));
  await sampler.evaluate((element) => element.removeAttribute('temperature'));
  await expectImages(page, IMAGES, samplePng(model?.path ?? '', [4], 8, 9));
  // Taken out of the page it ends its worker; put back, it draws again.
  await sampler.evaluate((element) => {
    const { parentElement } = element;
    element.remove();
    parentElement?.append(element);
  });
  await expectImages(page, IMAGES, samplePng(model?.path ?? '', [4], 8, 9));
});

test.describe('a file that does not come', () => {
  // The browser tells of every request that fails.
  test.use({ expectedFaults: /ERR_FAILED/ });

  test('is asked for again by the next change', async ({ page, bench }) => {
    const files = '**/*.safetensors';
    await page.route(files, (route) => route.abort());
    const sampler = await place(page, bench.address);
    await expect(sampler.locator('p')).toHaveText(/the download failed/);
    await expect(sampler.locator('progress')).toBeHidden();
    await page.unroute(files);
    await sampler.evaluate((element) => element.setAttribute('seed', '2'));
    await expectImages(page, IMAGES, samplePng(model?.path ?? '', [4], 3, 2));
    await expect(sampler.locator('p')).toBeEmpty();
  });
});
