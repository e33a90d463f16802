// The page in a browser without WebGPU.

import { withoutWebGpu } from './support/chromium';
import { expect, shippedModels, test } from './support/fixtures';
import { expectImages, expectShown, leaveAsItIs, openPage, upload } from './support/page';
import { encodePicture, samplePng } from './support/trainer';

test.use({ launchOptions: withoutWebGpu });

test('all works on the CPU, and the page says so', async ({ page, site }) => {
  await openPage(page, site, 'class=5&count=4', 'sample');
  await expect(page.locator('#adapter')).toHaveText('Running on the CPU.');
  await expect(page.locator('#notice')).toContainText(/GPU/);
  const path = shippedModels[0]?.path ?? '';
  await expectImages(page, '#grid canvas', samplePng(path, [5], 4, 0));
  const buffer = samplePng(path, [3], 1, 1);
  await page.locator('#draw').evaluate((view) => view.scrollIntoView());
  await upload(page, 'image.png', buffer);
  await leaveAsItIs(page);
  await expectShown(page, encodePicture(path, buffer));
});

test('an address that asks for the GPU says why it is not there and goes on with the CPU', async ({ page, site }) => {
  await openPage(page, site, 'executor=gpu', 'gamma');
  await expect(page.locator('#problem-text')).toContainText('GPU');
  await expect(page.locator('#executors input:checked')).toHaveValue('auto');
  await expect(page.locator('#adapter')).toHaveText('Running on the CPU.');
});
