// The map of latent space: it decodes what lies under the pointer.

import type { Page } from '@playwright/test';
import { expect, shippedModels, test } from './support/fixtures';
import { largestDifference } from './support/numbers';
import { greyLevelsOf, openPage } from './support/page';

/** The coordinates of the place that the map tells of. */
async function placeOf(page: Page): Promise<number[]> {
  const text = (await page.locator('#map-place').textContent()) ?? '';
  return Array.from(text.matchAll(/−?[\d.]+/g), ([number]) => Number(number.replace('−', '-')));
}

test('points are decoded under the pointer, marked by a click and by keys, and kept in the address', async ({
  page,
  site,
}) => {
  await openPage(page, site, '', 'map');
  const map = page.locator('#atlas');
  await expect(page.locator('#map-class')).not.toBeEmpty();
  const image = async () => (await greyLevelsOf(page, '#map-image'))[0];
  const place = () => placeOf(page);
  const box = (await map.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
  const [start, first] = [await place(), await image()];
  await page.mouse.move(...at(0.2, 0.3));
  await expect.poll(place).not.toEqual(start);
  const hovered = await place();
  expect(await image()).not.toEqual(first);

  await page.mouse.click(...at(0.2, 0.3));
  const away = async () => {
    await page.mouse.move(...at(0.7, 0.6));
    await expect(async () => expect(largestDifference(await place(), hovered)).toBeGreaterThan(1)).toPass();
    await page.mouse.move(...at(0.2, -0.1));
    // A click is told in whole pixels, a move in finer ones; places are shown with one digit after the point.
    await expect(async () => expect(largestDifference(await place(), hovered)).toBeLessThan(0.11)).toPass();
    return image();
  };
  const marked = await away();
  expect(marked).not.toEqual(first);
  expect(await away()).toEqual(marked);
  await expect(page).toHaveURL(/point=-?[\d.]+_-?[\d.]+/);
  const told = await page.locator('#map-place').textContent();

  await map.focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('#map-place')).not.toHaveText(told ?? '');
  await page.keyboard.press('ArrowLeft');
  await expect(page.locator('#map-place')).toHaveText(told ?? '');

  await page.locator('#zoom-in').click();
  await expect(page).toHaveURL(/view=0.5_0.5_1.6/);
  await map.focus();
  await page.keyboard.press('Home');
  await expect(page).not.toHaveURL(/view=/);
});

test('a place below zero has a minus, and one that rounds to zero has none', async ({ page, site }) => {
  await openPage(page, site, 'point=-1_-0.04', 'map');
  await expect(page.locator('#map-place')).toHaveText('at (−1.0, 0.0)');
});

test('“Go to your image” brings it into the middle of an enlarged map', async ({ page, site }) => {
  await openPage(page, site, 'image=sample_2_0_3_0.7&view=0.1_0.1_8', 'map');
  const place = page.locator('#map-place');
  const told = (await place.textContent()) ?? '';
  await page.locator('#map-own').click();
  await expect(place).not.toHaveText(told);
  await expect(page).toHaveURL(/view=.*_8(&|$)/);
  await expect(page).not.toHaveURL(/view=0.1_0.1_8/);
  const own = await placeOf(page);
  const box = (await page.locator('#atlas').boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  await page.mouse.move(box.x + 0.1 * box.width, box.y + box.height / 2);
  await expect(async () => expect(largestDifference(await placeOf(page), own)).toBeGreaterThan(0.5)).toPass();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await expect(async () => expect(largestDifference(await placeOf(page), own)).toBeLessThan(0.11)).toPass();
});

for (const { what, hash } of [
  { what: 'an image', hash: 'image=sample_2_0_3_0.7&through=image' },
  { what: 'a disturbed image', hash: 'image=sample_2_0_3_0.7&corruption=90_0_0_0_0_0&through=image' },
]) {
  test(`the plane through ${what} holds that image`, async ({ page, site }) => {
    await openPage(page, site, hash, 'draw');
    const [own] = await greyLevelsOf(page, '#preview');
    await page.locator('#map').evaluate((view) => view.scrollIntoView());
    await expect(page.locator('#map-class')).not.toBeEmpty();
    await page.locator('#map-own').click();
    await expect(async () => {
      const [decoded = []] = await greyLevelsOf(page, '#map-image');
      expect(Math.max(...decoded.map((level, i) => Math.abs(level - (own?.[i] ?? NaN))))).toBeLessThanOrEqual(2);
    }).toPass();
    await page.locator('#map-open').click();
    await expect(page.locator('#draw')).toBeFocused();
    await expect(page).toHaveURL(/image=image_/);
  });
}

test('the card of every model that opens holds a map', async ({ page, site }) => {
  for (const { name } of shippedModels) {
    await openPage(page, site, `model=${name}`, 'map');
    await expect(page.locator('#map-note')).toHaveText(/^[\d,]+ test images\.$/);
  }
});
