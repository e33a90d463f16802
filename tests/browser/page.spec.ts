// The page: its views on every shipped model, against the native trainer's pixels and numbers.

import { readFileSync } from 'node:fs';
import { expect, shippedModels, test } from './support/fixtures';
import { atRest, expectImages, expectShown, greyLevelsOf, openPage, shown } from './support/page';
import { encodePicture, samplePng, walkPng } from './support/trainer';

const CLASSES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const STEPS = 9;

function nameOf(file: string): string {
  return file.replace('.safetensors', '');
}

test('the page draws by itself and says what it runs', async ({ page, site }) => {
  await openPage(page, site);
  const [first] = shippedModels;
  await expect(page.locator('#models input:checked')).toHaveValue(nameOf(first?.file ?? ''));
  await expectImages(page, '#grid canvas', samplePng(first?.path ?? '', CLASSES, 10, 0));
  await expect(page.locator('#adapter')).toHaveText(/^Running on the (CPU|GPU)/);
  for (const term of ['Data set', 'γ', 'Test error', 'Bits/dim', 'Judged on']) {
    await expect(page.locator('#card dt', { hasText: term }).first()).toBeVisible();
  }
});

for (const { file, title, path } of shippedModels) {
  test(`${title}: the samples of each class are those of the trainer`, async ({ page, site }) => {
    await openPage(page, site);
    await page.getByLabel(title).check();
    await expect(page.locator('#progress')).not.toHaveClass(/busy/);
    await page.locator('#count').fill('3');
    await page.locator('#seed').fill('7');
    await page.locator('#seed').blur();
    for (const k of CLASSES) {
      await page.locator(`#classes input[value="${k}"]`).check();
      await atRest(page);
      await expectImages(page, '#grid canvas', samplePng(path, [k], 3, 7));
    }
  });

  test(`${title}: an uploaded image has the trainer's posterior and likelihood`, async ({ page, site }) => {
    await openPage(page, site, `model=${nameOf(file)}`);
    for (const k of [2, 7]) {
      const buffer = samplePng(path, [k], 1, 4);
      await page.locator('#file').setInputFiles({ name: 'image.png', mimeType: 'image/png', buffer });
      await expectShown(page, encodePicture(path, buffer));
      const { posterior } = await shown(page);
      const prediction = posterior.indexOf(Math.max(...posterior));
      const name = await page.locator('#bars .bar-name').nth(prediction).textContent();
      await expect(page.locator('#verdict')).toContainText(name ?? '?');
      await expect(page.locator('#words')).toContainText('likely than');
    }
  });

  test(`${title}: the strip between two uploaded images is the trainer's`, async ({ page, site }) => {
    await openPage(page, site, `model=${nameOf(file)}`);
    const ends = [samplePng(path, [1], 1, 2), samplePng(path, [8], 1, 3)] as const;
    for (const [i, end] of ['a', 'b'].entries()) {
      const buffer = ends[i] ?? Buffer.alloc(0);
      await page.locator('#file').setInputFiles({ name: 'end.png', mimeType: 'image/png', buffer });
      await expectShown(page, encodePicture(path, buffer));
      await page.locator(`#board-${end}`).click();
    }
    await expect(async () => {
      await expectImages(page, '#strip canvas', walkPng(path, ends[0], ends[1], STEPS));
    }).toPass();
  });
}

test('the slider walks from end A to end B', async ({ page, site }) => {
  await openPage(page, site);
  const slider = page.locator('#position');
  const strip = await greyLevelsOf(page, '#strip canvas');
  for (const [position, image] of [['0', 0], ['1', STEPS - 1], ['0.5', 4]] as const) {
    await slider.fill(position);
    await expect(async () => expect((await greyLevelsOf(page, '#between'))[0]).toEqual(strip[image])).toPass();
    await expect(page.locator('#strip .nearest')).toHaveAttribute('aria-label', new RegExp(`${position}`));
  }
  await expect(page.locator('#legend li')).not.toHaveCount(0);
  await page.locator('#play').click();
  await expect(page.locator('#play')).toHaveText('Pause');
  await expect(async () => expect((await greyLevelsOf(page, '#between'))[0]).not.toEqual(strip[4])).toPass();
  await page.locator('#play').click();
  await expect(page.locator('#play')).toHaveText('Play');
});

test('the GPU executor draws what the trainer draws', async ({ page, site }) => {
  await openPage(page, site, 'executor=gpu&class=9&count=2');
  await expect(page.locator('#adapter')).toHaveText(/^Running on the GPU/);
  await expectImages(page, '#grid canvas', samplePng(shippedModels[0]?.path ?? '', [9], 2, 0));
});

test('a picked sample can be saved, classified and used as an end', async ({ page, site }) => {
  await openPage(page, site, 'class=4&count=12');
  await page.locator('#grid button').first().focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page.locator('#picked-name')).toContainText('sample 3');
  const [picked] = await greyLevelsOf(page, '#picked');

  const saving = page.waitForEvent('download');
  await page.locator('#picked-save').click();
  const saved = readFileSync(await (await saving).path());
  await page.locator('#picked-classify').click();
  await expect(async () => expect((await greyLevelsOf(page, '#preview'))[0]).toEqual(picked)).toPass();
  await expectShown(page, encodePicture(shippedModels[0]?.path ?? '', saved));
  await page.locator('#picked-b').click();
  await expect(async () => expect((await greyLevelsOf(page, '#end-b canvas'))[0]).toEqual(picked)).toPass();
});
