// The board: drawing with mouse and keys, and images that are refused.

import type { Page } from '@playwright/test';
import { blankPng } from './support/blank_png';
import { expect, shippedModels, test } from './support/fixtures';
import { expectShown, greyLevelsOf, openPage } from './support/page';
import { encodePicture, samplePng } from './support/trainer';

// For a trace, Playwright fetches what the page only shows, which the page's policy rightly forbids.
test.use({ trace: 'off' });

async function drawLine(page: Page, from: [number, number], to: [number, number]): Promise<void> {
  await page.locator('#board').scrollIntoViewIfNeeded();
  const box = (await page.locator('#board').boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const at = ([x, y]: [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at(to), { steps: 8 });
  await page.mouse.up();
}

/** The sum of all grey levels of what the model sees. */
async function light(page: Page): Promise<number> {
  const [image] = await greyLevelsOf(page, '#preview');
  return (image ?? []).reduce((sum, value) => sum + value, 0);
}

test('strokes appear in what the model sees, and it answers to them', async ({ page, site }) => {
  await openPage(page, site, 'image=empty');
  await expect(page.locator('#board-hint')).toBeVisible();
  expect(await light(page)).toBe(0);
  const before = await page.locator('#bits').textContent();

  await drawLine(page, [0.5, 0.2], [0.5, 0.8]);
  await expect(page.locator('#bits')).not.toHaveText(before ?? '');
  await expect(page.locator('#board-hint')).toBeHidden();
  const drawn = await light(page);
  expect(drawn).toBeGreaterThan(255 * 20);

  await page.getByLabel('Eraser').check();
  await drawLine(page, [0.5, 0.2], [0.5, 0.5]);
  const erased = await light(page);
  expect(erased).toBeLessThan(0.75 * drawn);

  await page.locator('#invert').click();
  await expect(async () => expect(await light(page)).toBe(255 * 28 * 28 - erased)).toPass();
  await page.locator('#clear').click();
  await expect(async () => expect(await light(page)).toBe(0)).toPass();
  await expect(page.locator('#words')).toContainText('More likely than 99 %');
});

test('the board can be drawn on with the keyboard', async ({ page, site }) => {
  await openPage(page, site, 'image=empty');
  await page.locator('#board').focus();
  await page.keyboard.press('ArrowUp');
  expect(await light(page)).toBe(0);
  for (let i = 0; i < 6; i++) {
    await page.keyboard.press('Shift+ArrowRight');
  }
  await expect(async () => expect(await light(page)).toBeGreaterThan(255 * 10)).toPass();
});

test('an image can be dropped on the board, and pasted', async ({ page, site }) => {
  await openPage(page, site);
  const path = shippedModels[0]?.path ?? '';
  for (const [kind, k] of [['drop', 1], ['paste', 6]] as const) {
    const picture = samplePng(path, [k], 1, 0);
    await page.locator('#drop').evaluate(
      (target, { kind, bytes }) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], 'image.png', { type: 'image/png' }));
        target.dispatchEvent(
          kind === 'drop'
            ? new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true })
            : new ClipboardEvent(kind, { clipboardData: data, bubbles: true }),
        );
      },
      { kind, bytes: Array.from(picture) },
    );
    await expectShown(page, encodePicture(path, picture));
  }
});

test('an image that is no image is refused with one sentence', async ({ page, site }) => {
  await openPage(page, site);
  const [before] = await greyLevelsOf(page, '#preview');
  const text = { name: 'shoe.png', mimeType: 'image/png', buffer: Buffer.from('not a picture') };
  await page.locator('#file').setInputFiles(text);
  await expect(page.locator('#problem-text')).toHaveText('“shoe.png” is not an image that this browser can read.');
  await expect(page.locator('#problem')).toBeVisible();
  await page.locator('#dismiss').click();
  await expect(page.locator('#problem')).toBeHidden();
  expect((await greyLevelsOf(page, '#preview'))[0]).toEqual(before);
});

test('an image of 8000×8000 pixels is refused with one sentence', async ({ page, site }) => {
  await openPage(page, site);
  const large = { name: 'large.png', mimeType: 'image/png', buffer: blankPng(8000, 8000) };
  await page.locator('#file').setInputFiles(large);
  await expect(page.locator('#problem-text')).toHaveText(
    '“large.png” is 8000×8000 pixels; at most 4096 a side are read.',
  );
});

test('a large image of another shape is fitted in', async ({ page, site }) => {
  await openPage(page, site);
  const wide = { name: 'wide.png', mimeType: 'image/png', buffer: blankPng(4000, 100) };
  await page.locator('#file').setInputFiles(wide);
  await expect(async () => expect(await light(page)).toBe(0)).toPass();
  await expect(page.locator('#problem')).toBeHidden();
});
