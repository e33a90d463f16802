// Models of the visitor's own: opened from a file, by an address, of any shape, and refused in a sentence.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { siteDir } from './support/environment';
import { greyPng } from './support/made_png';
import { expect, shippedModels, test } from './support/fixtures';
import { type Made, modelFile } from './support/model_file';
import { atRest, greyLevelsOf, openPage, settled } from './support/page';
import { withFlippedBit } from './support/safetensors';

test.use({ trace: 'off' });

const digits = readFileSync(shippedModels[1]?.path ?? '');
const leaves = (gamma: number | 'inf', novelty = true, more: Partial<Made> = {}) =>
  modelFile({
    ...more,
    channels: 3,
    side: 16,
    classes: ['oak', 'elm', 'ash'],
    gamma,
    title: `Leaves, γ = ${gamma}`,
    dataset: 'leaves',
    novelty,
  });

/** Opens files by the button. */
async function open(page: Page, ...files: [name: string, bytes: Buffer][]): Promise<void> {
  await page
    .locator('#model-file')
    .setInputFiles(files.map(([name, buffer]) => ({ name, mimeType: 'application/octet-stream', buffer })));
}

test('a model file that is opened is played by every view', async ({ page, site }) => {
  await openPage(page, site, '', 'gamma');
  await open(page, ['oaks.safetensors', leaves(1)]);
  await expect(page.locator('#stage-grid .row-name')).toHaveText(['oak', 'elm', 'ash']);
  await expect(page.locator('#groups input:checked + span')).toHaveText('Yours: leaves');
  await expect(page).toHaveURL(/model=own\.oaks/);
  await atRest(page);
  // In colour, and as large as its images are.
  const coloured = await page
    .locator('#stage-grid canvas')
    .first()
    .evaluate((canvas) => {
      const { width, height } = canvas as HTMLCanvasElement;
      const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
      const different = Array.from({ length: width * height }, (_, i) => data[4 * i] !== data[4 * i + 1]);
      return { width, height, coloured: different.filter(Boolean).length };
    });
  expect([coloured.width, coloured.height]).toEqual([16, 16]);
  expect(coloured.coloured).toBeGreaterThan(100);
  await expect(page.locator('#bars li')).toHaveCount(3);
  await expect(page.locator('#verdict')).not.toBeEmpty();
  await expect(page.locator('#colour-field')).toBeVisible();
  await expect(page.locator('#facts')).toContainText('leaves');
  await expect(page.locator('#grid canvas').first()).toHaveAttribute('width', '16');
  await expect(page.locator('#problem')).toBeHidden();
});

test('several files of one kind are stops of one dial', async ({ page, site }) => {
  await openPage(page, site, '', 'gamma');
  await open(page, ['a.safetensors', leaves(1)]);
  await expect(page.locator('#dial-bar')).toBeHidden();
  await open(page, ['b.safetensors', leaves('inf')], ['c.safetensors', leaves(0.2)]);
  await expect(page.locator('#dial-stops li')).toHaveText(['0.2', '1', '∞']);
  await atRest(page, 'gamma');
  await page.locator('#dial').fill('0');
  await expect(page).toHaveURL(/model=own\.c/);
  await atRest(page, 'draw');
  await expect(page.locator('#every-row li')).toHaveCount(3);
});

test('a file can be dropped anywhere, and a model without novelty says that it has none', async ({ page, site }) => {
  await openPage(page, site, '', 'draw');
  await page.locator('#card').evaluate(
    (target, bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], 'plain.safetensors'));
      target.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    },
    Array.from(leaves(1, false)),
  );
  await expect(page).toHaveURL(/model=own\.plain/);
  await atRest(page, 'draw');
  await expect(page.locator('#alarms')).toContainText('Novelty was not fitted');
  await expect(page.locator('#verdict')).toBeEmpty();
  await expect(page.locator('#map-tint input[value=novelty]')).toBeDisabled();
});

test('a class prior that is not uniform is named where posteriors are read', async ({ page, site }) => {
  await openPage(page, site, '', 'gamma');
  await expect(page.locator('#facts')).not.toContainText('Class prior');
  await open(page, ['counted.safetensors', leaves(1, true, { classPrior: 'counts' })]);
  await expect(page.locator('#facts')).toContainText('Class priorcounts');
  await expect(page.locator('#pictures-prior')).toBeHidden();
  await page
    .locator('#pictures-files')
    .setInputFiles([{ name: 'leaf.png', mimeType: 'image/png', buffer: greyPng(16, 16, Buffer.alloc(256, 90)) }]);
  await settled(page, 'pictures');
  await expect(page.locator('#pictures-prior')).toHaveText(/^Class prior: counts\. .* among the training images\.$/);
});

test('a damaged file and one of something else are refused in a sentence', async ({ page, site }) => {
  await openPage(page, site, '', 'gamma');
  for (const [bytes, words] of [
    [withFlippedBit(digits), /^“mine\.safetensors”: .*\.$/],
    [digits.subarray(0, 1000), /^“mine\.safetensors”: .*\.$/],
    [Buffer.from('no model at all'), /^“mine\.safetensors”: .*\.$/],
    [Buffer.alloc(0), /^“mine\.safetensors”: .*\.$/],
  ] as const) {
    await page.locator('#dismiss').evaluate((button) => (button as HTMLElement).click());
    await open(page, ['mine.safetensors', Buffer.from(bytes)]);
    await expect(page.locator('#problem-text')).toHaveText(words);
  }
  await expect(page).not.toHaveURL(/own\./);
  await expect(page.locator('#adapter')).toHaveText(/^Running on/);
});

test('an address that needs a file says so, and shows what it shows once the file is there', async ({ page, site }) => {
  await openPage(page, site, 'model=own.oaks&image=sample_2_0_5_0.7', 'gamma');
  await expect(page.locator('#problem-text')).toContainText('“oaks.safetensors”');
  await open(page, ['oaks.safetensors', leaves(1)]);
  await atRest(page, 'draw');
  await expect(page.locator('#problem')).toBeHidden();
  await expect(page.locator('#canvas-note')).toContainText('“ash”');
  await expect(page).toHaveURL(/model=own\.oaks/);
});

test('the model of an address of this site opens first, and others are refused', async ({ page, site }) => {
  const path = join(siteDir, 'leaves.safetensors');
  writeFileSync(path, leaves(1));
  try {
    await page.goto(`${site}?model=leaves.safetensors`);
    await expect(page.locator('#stage-grid .row-name')).toHaveText(['oak', 'elm', 'ash']);
    await atRest(page, 'gamma');
    const [image] = await greyLevelsOf(page, '#stage-grid canvas');
    expect(new Set(image).size).toBeGreaterThan(10);
    await settled(page, 'gamma');
    await page.goto(`${site}?model=https://example.org/a.safetensors`);
    await expect(page.locator('#problem-text')).toContainText('from this site only');
    await atRest(page, 'gamma');
  } finally {
    rmSync(path);
  }
});
