// The page: its pictures and numbers against the native trainer's, on a model of every group.

import { readFileSync } from 'node:fs';
import { expect, shippedModels, test } from './support/fixtures';
import {
  download,
  expectImages,
  expectShown,
  greyLevelsOf,
  leaveAsItIs,
  openPage,
  shown,
  upload,
} from './support/page';
import { encodePicture, samplePng, walkPng } from './support/trainer';

const CLASSES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const STEPS = 9;
const [first] = shippedModels;
const path = first?.path ?? '';

test('the page draws by itself and says what it runs', async ({ page, site }) => {
  await openPage(page, site, '', 'gamma');
  await expectImages(page, '#stage-grid canvas', samplePng(path, CLASSES, 3, 0));
  await expect(page.locator('#groups input:checked')).toHaveValue(first?.group ?? '');
  await expect(page.locator('#adapter')).toHaveText(/^Running on the (CPU|GPU)/);
  await expect(page.locator('#gamma-words')).toContainText(/misclassifies [\d.]+ % of the test images/);
});

for (const { title, path, name } of shippedModels) {
  test(`${title}: the samples of each class are those of the trainer`, async ({ page, site }) => {
    await openPage(page, site, `model=${name}&count=3&seed=7`, 'sample');
    for (const k of CLASSES) {
      await page.locator(`#classes input[value="${k}"]`).check();
      await expectImages(page, '#grid canvas', samplePng(path, [k], 3, 7));
    }
  });

  test(`${title}: an uploaded image has the trainer's posterior and likelihood`, async ({ page, site }) => {
    await openPage(page, site, `model=${name}`, 'draw');
    for (const k of [2, 7]) {
      const buffer = samplePng(path, [k], 1, 4);
      await upload(page, 'image.png', buffer);
      await leaveAsItIs(page);
      await expectShown(page, encodePicture(path, buffer));
      const { posterior } = await shown(page);
      const prediction = posterior.indexOf(Math.max(...posterior));
      const predicted = await page.locator('#bars .bar-name').nth(prediction).textContent();
      await expect(page.locator('#prediction')).toContainText(predicted ?? '?');
      await expect(page.locator('#words')).toContainText('likely than');
    }
  });

  test(`${title}: the strip between two uploaded images is the trainer's`, async ({ page, site }) => {
    await openPage(page, site, `model=${name}`, 'draw');
    const ends = [samplePng(path, [1], 1, 2), samplePng(path, [8], 1, 3)] as const;
    for (const [i, end] of ['a', 'b'].entries()) {
      const buffer = ends[i] ?? Buffer.alloc(0);
      await upload(page, 'end.png', buffer);
      await leaveAsItIs(page);
      await expectShown(page, encodePicture(path, buffer));
      await page.locator(`#canvas-${end}`).click();
    }
    await page.locator('#interpolate').evaluate((view) => view.scrollIntoView());
    await expectImages(page, '#strip canvas', walkPng(path, ends[0], ends[1], STEPS));
  });
}

test('the GPU executor draws what the trainer draws', async ({ page, site }) => {
  await openPage(page, site, 'executor=gpu&class=9&count=2', 'sample');
  await expect(page.locator('#adapter')).toHaveText(/^Running on the GPU/);
  await expectImages(page, '#grid canvas', samplePng(path, [9], 2, 0));
});

test('a picked sample can be saved, looked at and used as an end', async ({ page, site }) => {
  await openPage(page, site, 'class=4&count=12', 'sample');
  await page.locator('#grid button').first().focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page.locator('#picked-name')).toContainText('sample 3');
  const [picked] = await greyLevelsOf(page, '#picked');

  const saved = await download(page, '#picked-save');
  expect(saved.name).toMatch(/class4-2-seed0-T0.7\.png$/);
  await page.locator('#picked-classify').click();
  await expect(async () => expect((await greyLevelsOf(page, '#preview'))[0]).toEqual(picked)).toPass();
  await expectShown(page, encodePicture(path, readFileSync(saved.path)));
  await page.locator('#picked-b').click();
  await page.locator('#interpolate').evaluate((view) => view.scrollIntoView());
  await expect(async () => expect((await greyLevelsOf(page, '#end-b canvas'))[0]).toEqual(picked)).toPass();
});

test('a click on a drawing of the stage puts it on the canvas', async ({ page, site }) => {
  await openPage(page, site, '', 'gamma');
  const tile = page.locator('#stage-grid button').nth(7);
  const [drawn] = await greyLevelsOf(page, '#stage-grid button:nth-child(2) canvas >> nth=2');
  await expect(tile).toHaveAttribute('aria-label', /drawing 2$/);
  await tile.click();
  await expect(page.locator('#draw')).toBeFocused();
  await expect(async () => expect((await greyLevelsOf(page, '#preview'))[0]).toEqual(drawn)).toPass();
});
