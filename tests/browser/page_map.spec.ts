// The map of latent space: it decodes what lies under the pointer.

import { expect, shippedModels, test } from './support/fixtures';
import { greyLevelsOf, openPage } from './support/page';

test('points are decoded under the pointer, marked by a click and by keys, and kept in the address', async ({ page, site }) => {
  await openPage(page, site, '', 'map');
  const map = page.locator('#atlas');
  await expect(page.locator('#map-class')).not.toBeEmpty();
  const image = async () => (await greyLevelsOf(page, '#map-image'))[0];
  const start = await image();
  const box = (await map.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  await page.mouse.move(box.x + 0.2 * box.width, box.y + 0.3 * box.height);
  await expect(async () => expect(await image()).not.toEqual(start)).toPass();
  const hovered = await image();
  await page.mouse.click(box.x + 0.2 * box.width, box.y + 0.3 * box.height);
  await page.mouse.move(box.x + 0.2 * box.width, box.y - 40);
  // A click is told in whole pixels, a move in finer ones.
  await expect(async () => {
    const marked = (await image()) ?? [];
    expect(Math.max(...marked.map((level, i) => Math.abs(level - (hovered?.[i] ?? NaN))))).toBeLessThanOrEqual(3);
  }).toPass();
  await expect(page).toHaveURL(/point=-?[\d.]+_-?[\d.]+/);
  const place = await page.locator('#map-place').textContent();

  await map.focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('#map-place')).not.toHaveText(place ?? '');
  await page.keyboard.press('ArrowLeft');
  await expect(page.locator('#map-place')).toHaveText(place ?? '');

  await page.locator('#zoom-in').click();
  await expect(page).toHaveURL(/view=0.5_0.5_1.6/);
  await map.focus();
  await page.keyboard.press('Home');
  await expect(page).not.toHaveURL(/view=/);
});

test('the plane through an image holds that image', async ({ page, site }) => {
  await openPage(page, site, 'image=sample_2_0_3_0.7', 'draw');
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

test('the card of every model that opens holds a map', async ({ page, site }) => {
  for (const { name } of shippedModels) {
    await openPage(page, site, `model=${name}`, 'map');
    await expect(page.locator('#map-note')).toHaveText(/^[\d,]+ test images\.$/);
  }
});
