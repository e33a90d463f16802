// The canvas: drawing with mouse and keys, and images that are refused.

import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { blankPng } from './support/made_png';
import { expect, shippedModels, test } from './support/fixtures';
import { largestDifference } from './support/numbers';
import {
  atRest,
  download,
  drawLine,
  expectShown,
  greyLevelsOf,
  leaveAsItIs,
  openPage,
  settled,
  shown,
  upload,
} from './support/page';
import { encodePicture, samplePng } from './support/trainer';
import { holdUpCalls } from './support/workers';

// For a trace, Playwright fetches what the page only shows, which the page's policy rightly forbids.
test.use({ trace: 'off' });

/** The sum of all grey levels of what the model sees. */
async function light(page: Page): Promise<number> {
  const [image] = await greyLevelsOf(page, '#preview');
  return (image ?? []).reduce((sum, value) => sum + value, 0);
}

test('strokes appear in what the model sees, and it answers to them', async ({ page, site }) => {
  await openPage(page, site, 'image=empty', 'draw');
  await expect(page.locator('#canvas-hint')).toBeVisible();
  expect(await light(page)).toBe(0);
  const before = await page.locator('#bits').textContent();

  await drawLine(page, [0.5, 0.2], [0.5, 0.8]);
  await settled(page, 'draw');
  await expect(page.locator('#bits')).not.toHaveText(before ?? '');
  await expect(page.locator('#canvas-hint')).toBeHidden();
  const drawn = await light(page);
  expect(drawn).toBeGreaterThan(255 * 20);

  await page.getByLabel('Eraser').check();
  await drawLine(page, [0.5, 0.2], [0.5, 0.35]);
  await expect.poll(() => light(page)).toBeLessThan(0.8 * drawn);

  await page.locator('#clear').click();
  await expect(async () => expect(await light(page)).toBe(0)).toPass();
  await expect(page.locator('#words')).toContainText('More likely than at least 99 %');
});

test('the canvas can be drawn on with the keyboard', async ({ page, site }) => {
  await openPage(page, site, 'image=empty', 'draw');
  await page.locator('#canvas').focus();
  await page.keyboard.press('ArrowUp');
  expect(await light(page)).toBe(0);
  for (let i = 0; i < 6; i++) {
    await page.keyboard.press('Shift+ArrowRight');
  }
  await expect(async () => expect(await light(page)).toBeGreaterThan(255 * 10)).toPass();
});

/** Drops or pastes a file on an element; false where the browser would open the dropped file itself. */
function give(page: Page, selector: string, kind: 'drop' | 'paste', file: Buffer): Promise<boolean> {
  return page.locator(selector).evaluate(
    (target, { kind, bytes }) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], 'image.png', { type: 'image/png' }));
      const how = { bubbles: true, cancelable: true };
      if (kind === 'paste') {
        target.dispatchEvent(new ClipboardEvent(kind, { clipboardData: data, ...how }));
        return true;
      }
      const taken = (type: string) => !target.dispatchEvent(new DragEvent(type, { dataTransfer: data, ...how }));
      return taken('dragover') && taken('drop');
    },
    { kind, bytes: Array.from(file) },
  );
}

test('an image can be dropped on the canvas, and pasted', async ({ page, site }) => {
  await openPage(page, site, '', 'draw');
  const path = shippedModels[0]?.path ?? '';
  for (const [kind, k] of [
    ['drop', 1],
    ['paste', 6],
  ] as const) {
    const picture = samplePng(path, [k], 1, 0);
    expect(await give(page, '#drop', kind, picture)).toBe(true);
    await leaveAsItIs(page);
    await expectShown(page, encodePicture(path, picture));
  }
});

test('an image that is dropped or pasted elsewhere comes on the canvas, which comes into sight', async ({
  page,
  site,
}) => {
  await openPage(page, site, '', 'draw');
  const path = shippedModels[0]?.path ?? '';
  for (const [kind, k] of [
    ['drop', 1],
    ['paste', 6],
  ] as const) {
    await page.locator('#card').evaluate((view) => view.scrollIntoView());
    await expect(page.locator('#canvas')).not.toBeInViewport();
    const picture = samplePng(path, [k], 1, 0);
    expect(await give(page, '#card', kind, picture)).toBe(true);
    await expect(page.locator('#canvas')).toBeInViewport({ ratio: 1 });
    await leaveAsItIs(page);
    await expectShown(page, encodePicture(path, picture));
  }

  // What is no image leaves the visitor where they are, and is not opened either.
  await page.locator('#card').evaluate((view) => view.scrollIntoView());
  expect(await give(page, '#card', 'drop', Buffer.from('not a picture'))).toBe(true);
  await expect(page.locator('#problem')).toBeVisible();
  await expect(page.locator('#canvas')).not.toBeInViewport();
});

test('an image that is no image is refused with one sentence', async ({ page, site }) => {
  await openPage(page, site, '', 'draw');
  const [before] = await greyLevelsOf(page, '#preview');
  await upload(page, 'shoe.png', Buffer.from('not a picture'));
  await expect(page.locator('#problem-text')).toHaveText('“shoe.png” is not an image that this browser can read.');
  await expect(page.locator('#problem')).toBeVisible();
  await page.locator('#dismiss').click();
  await expect(page.locator('#problem')).toBeHidden();
  expect((await greyLevelsOf(page, '#preview'))[0]).toEqual(before);
});

test('the sentence goes once another image is taken', async ({ page, site }) => {
  await openPage(page, site, '', 'draw');
  for (const take of [
    () => upload(page, 'image.png', samplePng(shippedModels[0]?.path ?? '', [4], 1, 0)),
    () => page.locator('#take-sample').click(),
    () => drawLine(page, [0.5, 0.2], [0.5, 0.5]),
  ]) {
    await upload(page, 'shoe.png', Buffer.from('not a picture'));
    await expect(page.locator('#problem')).toBeVisible();
    await take();
    await expect(page.locator('#problem')).toBeHidden();
  }
});

test('an image of 240 million pixels is refused with one sentence', async ({ page, site }) => {
  await openPage(page, site, '', 'draw');
  await upload(page, 'large.png', blankPng(20_000, 12_000));
  await expect(page.locator('#problem-text')).toHaveText(
    '“large.png” has 20000×12000 pixels, which are too many: up to 200 million are read.',
  );
});

test('the largest photographs are read as smaller ones are', async ({ page, site }) => {
  await openPage(page, site, '', 'draw');
  const read = async (width: number, height: number) => {
    await upload(page, 'photo.png', blankPng(width, height, height / 2));
    await expect.poll(() => light(page)).toBeGreaterThan(0);
    const [image] = await greyLevelsOf(page, '#preview');
    await page.locator('#clear').click();
    await expect.poll(() => light(page)).toBe(0);
    return image ?? [];
  };
  await page.locator('#clear').click();
  for (const [width, height] of [
    [4, 3],
    [3, 4],
  ] as const) {
    const small = await read(1000 * width, 1000 * height);
    expect(largestDifference(await read(3000 * width, 3000 * height), small)).toBeLessThanOrEqual(1);
  }
  await expect(page.locator('#problem')).toBeHidden();
});

test('a large image of another shape is fitted in', async ({ page, site }) => {
  await openPage(page, site, '', 'draw');
  await upload(page, 'wide.png', blankPng(4000, 100));
  await expect(async () => expect(await light(page)).toBe(0)).toPass();
  await expect(page.locator('#problem')).toBeHidden();
});

test('sliders disturb the image, and drawing on it keeps what is seen', async ({ page, site }) => {
  await openPage(page, site, 'image=sample_3_0_0_0.7', 'draw');
  const [intact] = await greyLevelsOf(page, '#preview');
  const { posterior } = await shown(page);
  await page.locator('#disturb-rotation').fill('90');
  await expect(async () => expect((await greyLevelsOf(page, '#preview'))[0]).not.toEqual(intact)).toPass();
  const [turned] = await greyLevelsOf(page, '#preview');
  // A quarter turn moves every pixel to another pixel's place: column x becomes row x.
  const wanted = intact?.map((_, i) => intact[(27 - (i % 28)) * 28 + Math.floor(i / 28)] ?? NaN);
  expect(turned).toEqual(wanted);
  await expect(async () => expect((await shown(page)).posterior).not.toEqual(posterior)).toPass();
  await expect(page).toHaveURL(/corruption=90_0_0_0_0_0/);

  await page.locator('#disturb-inversion').fill('1');
  const inverted = turned?.map((level) => 255 - level);
  await expect(async () => expect((await greyLevelsOf(page, '#preview'))[0]).toEqual(inverted)).toPass();
  await expect(page.locator('#words')).toContainText('Less likely than at least 99 %');
  await expect(page.locator('#bits-more')).toHaveText(/log-likelihood −[\d,.]+ nats$/);

  await drawLine(page, [0.3, 0.5], [0.7, 0.5]);
  await expect(page.locator('#disturb-rotation')).toHaveValue('0');
  await expect(page.locator('#undisturbed')).toBeDisabled();
  await settled(page, 'draw');
  const [drawn] = await greyLevelsOf(page, '#preview');
  expect(drawn?.slice(0, 28)).toEqual(inverted?.slice(0, 28));
  expect(drawn).not.toEqual(inverted);
});

test('what is disturbed becomes the end of the interpolation as it is seen', async ({ page, site }) => {
  await openPage(page, site, 'image=sample_3_0_0_0.7&corruption=90_0_0_0_0_0', 'draw');
  const [seen] = await greyLevelsOf(page, '#preview');
  await page.locator('#canvas-a').click();
  await atRest(page, 'interpolate');
  expect((await greyLevelsOf(page, '#end-a canvas'))[0]).toEqual(seen);
});

test('a file that was read too late does not take the canvas from what came since', async ({ page, site }) => {
  const calls = await holdUpCalls(page);
  await openPage(page, site, '', 'draw');
  await calls.hold('decode a file');
  await upload(page, 'image.png', samplePng(shippedModels[0]?.path ?? '', [4], 1, 0));
  await expect.poll(calls.held).toBe(1);
  await page.locator('#clear').click();
  await calls.letGo();
  await settled(page, 'draw');
  expect(await light(page)).toBe(0);
  await expect(page.locator('#canvas-note')).toHaveText('An empty canvas.');
});

test('an image that comes during a stroke leaves the stroke alone', async ({ page, site }) => {
  const calls = await holdUpCalls(page);
  // The canvas asks for the sample, and other views that are in sight may, too.
  await openPage(page, site, 'image=empty');
  await calls.hold('sample');
  await page.locator('#take-sample').click();
  await expect.poll(calls.held).toBeGreaterThan(0);
  await page.locator('#canvas').scrollIntoViewIfNeeded();
  const box = (await page.locator('#canvas').boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 4);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + (3 * box.height) / 4, { steps: 4 });
  await calls.letGo();
  await settled(page, 'draw');
  await page.mouse.up();
  await expect(page).toHaveURL(/image=image_/);
  await settled(page, 'draw');
  const [image = []] = await greyLevelsOf(page, '#preview');
  // The stroke is 2.5 pixels wide, in the middle of 28.
  const beside = image.filter((_, i) => Math.abs((i % 28) - 13.5) > 2);
  expect(Math.max(...image)).toBe(255);
  expect(Math.max(...beside)).toBe(0);
});

test('a disturbance can be swept, and stops', async ({ page, site }) => {
  await openPage(page, site, '', 'draw');
  const sweep = page.getByRole('button', { name: 'Sweep occlusion' });
  await sweep.click();
  await expect(page.locator('#disturb-occlusion')).not.toHaveValue('0');
  await page.getByRole('button', { name: 'Stop sweeping occlusion' }).click();
  await expect(sweep).toBeVisible();
  const value = await page.locator('#disturb-occlusion').inputValue();
  await page.waitForTimeout(300);
  await expect(page.locator('#disturb-occlusion')).toHaveValue(value);
});

test('what the model says can be saved', async ({ page, site }) => {
  await openPage(page, site, '', 'draw');
  const { name, path } = await download(page, '#save-numbers');
  expect(name).toBe('classification.csv');
  const lines = readFileSync(path, 'utf8').split('\r\n');
  const classes = shippedModels[0]?.classes ?? [];
  const rows = lines.slice(-1 - classes.length, -1).map((line) => line.split(','));
  expect(rows.map(([name]) => name)).toEqual(classes);
  const { posterior } = await shown(page);
  rows.forEach(([, probability], k) => expect(Number(probability)).toBeCloseTo(posterior[k] ?? NaN, 6));
});
