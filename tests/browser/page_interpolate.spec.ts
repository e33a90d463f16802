// The interpolation: slider, player, the way through all classes, rows of γ, and what can be saved.

import { readFileSync } from 'node:fs';
import { allModels, expect, shippedModels, test } from './support/fixtures';
import { download, expectImages, greyLevelsOf, openPage } from './support/page';
import { gridImages } from './support/png';
import { samplePng } from './support/trainer';

const STEPS = 9;
const [opening] = shippedModels;
// The largest group, for what is shown for every γ.
const groupOf = (name: string | undefined) => allModels.filter(({ group }) => group === name);
const [largest] = [...shippedModels].sort((a, b) => groupOf(b.group).length - groupOf(a.group).length);
const group = groupOf(largest?.group);

test('the slider walks from end A to end B', async ({ page, site }) => {
  await openPage(page, site, '', 'interpolate');
  const slider = page.locator('#position');
  const strip = await greyLevelsOf(page, '#strip canvas');
  for (const [position, image] of [
    ['0', 0],
    ['1', STEPS - 1],
    ['0.5', 4],
  ] as const) {
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

test('what is not class can be carried through all classes', async ({ page, site }) => {
  await openPage(page, site, 'walk=classes&a=sample_4_2_11_0.7', 'interpolate');
  // z − m_y of a sample is its noise, so the way leads through the samples of all classes with that noise.
  const CLASSES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const all = await gridImages(page, samplePng(opening?.path ?? '', CLASSES, 3, 11), {
    channels: 1,
    height: 28,
    width: 28,
  });
  await expect(page.locator('#strip canvas')).toHaveCount(CLASSES.length);
  const strip = await greyLevelsOf(page, '#strip canvas');
  for (const k of CLASSES) {
    const wanted = all[3 * k + 2] ?? [];
    expect(Math.max(...wanted.map((level, i) => Math.abs(level - (strip[k]?.[i] ?? NaN))))).toBeLessThanOrEqual(1);
  }
  await page.locator('#walk').getByLabel('From A to B').check();
  await expect(page.locator('#strip canvas')).toHaveCount(STEPS);
});

test('the same way is shown for every γ, and can be saved', async ({ page, site }) => {
  await openPage(page, site, `model=${largest?.name}&steps=3&a=sample_1_0_4_0.7&b=sample_8_1_4_0.7`, 'interpolate');
  await page.locator('#every-gamma').check();
  await page.locator('#gammas').evaluate((rows) => rows.scrollIntoView());
  await expect(page.locator('.gamma-row')).toHaveCount(group.length);
  for (const [row, { path }] of group.entries()) {
    const selector = `.gamma-row:nth-child(${row + 1}) canvas`;
    await page.locator('.gamma-row').nth(row).scrollIntoViewIfNeeded();
    await expect(page.locator(selector)).toHaveCount(3);
    const [a, , b] = await greyLevelsOf(page, selector);
    const ends = await gridImages(page, samplePng(path, [1, 8], 2, 4), { channels: 1, height: 28, width: 28 });
    for (const [got, wanted] of [
      [a, ends[0]],
      [b, ends[3]],
    ] as const) {
      expect(Math.max(...(wanted ?? []).map((level, i) => Math.abs(level - (got?.[i] ?? NaN))))).toBeLessThanOrEqual(1);
    }
  }
  const { path } = await download(page, '#save-strip');
  const saved = await gridImages(page, readFileSync(path), { channels: 1, height: 28, width: 28 });
  expect(saved.length).toBe(3 * group.length);
  expect(saved).toEqual(await greyLevelsOf(page, '.gamma-row canvas'));
});

test('the loop is saved as a GIF that a browser reads back', async ({ page, site }) => {
  await openPage(page, site, '', 'interpolate');
  const strip = await greyLevelsOf(page, '#strip canvas');
  const { path, name } = await download(page, '#save-loop');
  expect(name).toBe('interpolation.gif');
  const frames = await page.evaluate(
    async (bytes) => {
      const decoder = new ImageDecoder({ data: new Uint8Array(bytes), type: 'image/gif' });
      await decoder.tracks.ready;
      const count = decoder.tracks.selectedTrack?.frameCount ?? 0;
      const frames: number[][] = [];
      for (const frameIndex of [0, 31, count - 1]) {
        const { image } = await decoder.decode({ frameIndex });
        const canvas = new OffscreenCanvas(image.displayWidth, image.displayHeight);
        const context = canvas.getContext('2d');
        context?.drawImage(image, 0, 0);
        const { data } = context?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
        frames.push(
          Array.from(
            { length: 28 * 28 },
            (_, i) => data[4 * ((Math.floor(i / 28) * 6 + 3) * canvas.width + (i % 28) * 6 + 3)] ?? NaN,
          ),
        );
      }
      return { count, repeats: decoder.tracks.selectedTrack?.repetitionCount, frames };
    },
    Array.from(readFileSync(path)),
  );
  expect(frames.count).toBe(62);
  expect(frames.repeats).toBe(Infinity);
  expect(frames.frames[0]).toEqual(strip[0]);
  expect(frames.frames[1]).toEqual(strip.at(-1));
});

test('both ends can be drawn anew', async ({ page, site }) => {
  await openPage(page, site, '', 'interpolate');
  await page.getByLabel('End A', { exact: true }).selectOption('5');
  await expectImages(page, '#end-a canvas', samplePng(opening?.path ?? '', [5], 1, 0));
  const [before] = await greyLevelsOf(page, '#end-a canvas');
  await page.getByRole('button', { name: 'Draw another sample for end A' }).click();
  await expect(async () => expect((await greyLevelsOf(page, '#end-a canvas'))[0]).not.toEqual(before)).toPass();
});

test('both ends are compared: what the model says of each, and how far their latents are apart', async ({
  page,
  site,
}) => {
  await openPage(page, site, 'a=sample_4_2_11_0.7&b=sample_4_2_11_0.7', 'interpolate');
  const cells = (row: number) => page.locator('#compare tbody tr').nth(row).locator('td').allTextContents();
  await expect(page.locator('#compare-apart')).toContainText('lie 0.0 apart');
  const [a, b] = await cells(0);
  expect(a).toBe(b);
  expect(a).toContain(opening?.classes[4] ?? '?');
  await openPage(page, site, 'a=sample_4_2_11_0.7&b=sample_7_0_3_0.7', 'interpolate');
  await expect(page.locator('#compare-apart')).not.toContainText('lie 0.0 apart');
  await expect(page.locator('#compare tbody tr').first().locator('td').last()).toContainText(
    opening?.classes[7] ?? '?',
  );
  const bits = await cells(1);
  expect(bits[0]).not.toBe(bits[1]);
  await page.locator('#walk').getByLabel('A through all classes').check();
  await expect(page.locator('#compare')).toBeHidden();
});
