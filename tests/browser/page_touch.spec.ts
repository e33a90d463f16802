// Fingers: on the canvas and on the plane one of them draws, on the map they move and enlarge what is shown.

import type { Page } from '@playwright/test';
import { expect, test } from './support/fixtures';
import { greyLevelsOf, openPage, settled } from './support/page';
import { fingersOn, placesOn } from './support/touch';

test.use({ hasTouch: true, viewport: { width: 390, height: 844 } });

test('on the canvas, a second finger leaves the stroke of the first alone', async ({ page, site }) => {
  await openPage(page, site, 'image=empty', 'draw');
  const fingers = await fingersOn(page);
  const at = await placesOn(page, '#canvas');
  await fingers.down(at(0.45, 0.2));
  await fingers.move([at(0.45, 0.2)], [at(0.45, 0.5)]);
  await fingers.down(at(0.45, 0.5), at(0.8, 0.5));
  await fingers.move([at(0.45, 0.5), at(0.8, 0.5)], [at(0.45, 0.8), at(0.8, 0.8)]);
  await fingers.up();
  await expect(page).toHaveURL(/image=image_/);
  await settled(page, 'draw');
  const lit = async () => {
    const [image = []] = await greyLevelsOf(page, '#preview');
    return new Set(image.flatMap((level, i) => (level > 0 ? [i % 28] : [])));
  };
  // A stroke of 2.5 pixels about column 12.6, where it is left as it is.
  expect([...(await lit())].sort()).toEqual([11, 12, 13]);

  await fingers.down(at(0.8, 0.2));
  await fingers.move([at(0.8, 0.2)], [at(0.8, 0.8)]);
  await fingers.up();
  await expect.poll(async () => Math.max(...(await lit()))).toBeGreaterThan(20);
});

test('on the plane, a second finger paints nothing', async ({ page, site }) => {
  await page.goto(`${site}#plane=blank_2_400_ib_1_2_0.01_0.1_4`);
  await page.locator('#plane').evaluate((view) => view.scrollIntoView());
  await settled(page, 'plane');
  const fingers = await fingersOn(page);
  const at = await placesOn(page, '#plane-data-ib');
  await fingers.down(at(0.1, 0.3));
  await fingers.move([at(0.1, 0.3)], [at(0.4, 0.3)]);
  await expect(page.locator('#plane-painted')).toHaveText(/^\d+ painted\.$/);
  const painted = (await page.locator('#plane-painted').textContent()) ?? '';
  await fingers.down(at(0.4, 0.3), at(0.6, 0.7));
  await fingers.move([at(0.4, 0.3), at(0.6, 0.7)], [at(0.4, 0.3), at(0.9, 0.7)]);
  await fingers.up();
  await settled(page, 'plane');
  await expect(page.locator('#plane-painted')).toHaveText(painted);
});

/** How far the page is scrolled. */
function scrolled(page: Page): Promise<number> {
  return page.evaluate(() => scrollY);
}

test('on an enlarged map a finger moves what is shown, and a tap marks', async ({ page, site }) => {
  await openPage(page, site, 'view=0.5_0.5_4', 'map');
  const fingers = await fingersOn(page);
  const at = await placesOn(page, '#atlas');
  const before = await scrolled(page);
  await fingers.down(at(0.5, 0.3));
  await fingers.move([at(0.5, 0.3)], [at(0.3, 0.7)]);
  await fingers.up();
  // By 0.2 to the left and 0.4 down, on a map that is four times as large.
  await expect(page).toHaveURL(/view=0\.5[45]\d*_0\.(39\d*|4|40\d*)_4(&|$)/);
  expect(page.url()).not.toContain('point=');
  expect(await scrolled(page)).toBe(before);

  await fingers.down(at(0.7, 0.4));
  await fingers.up();
  await expect(page).toHaveURL(/point=/);
  await expect(page).toHaveURL(/view=0\.5[45]/);
});

test('two fingers enlarge the map, and mark nothing', async ({ page, site }) => {
  await openPage(page, site, '', 'map');
  const fingers = await fingersOn(page);
  const at = await placesOn(page, '#atlas');
  await fingers.down(at(0.4, 0.5));
  await fingers.down(at(0.4, 0.5), at(0.6, 0.5));
  await fingers.move([at(0.4, 0.5), at(0.6, 0.5)], [at(0.2, 0.5), at(0.8, 0.5)]);
  await fingers.up();
  await expect(page).toHaveURL(/view=0\.(49\d*|5|50\d*|51\d*)_0\.5_(2\.9\d*|3)$/);
  expect(page.url()).not.toContain('point=');
});

test('on the whole map a finger scrolls the page, and a finger that moves sideways reads it', async ({
  page,
  site,
}) => {
  await openPage(page, site, '', 'map');
  const fingers = await fingersOn(page);
  let at = await placesOn(page, '#atlas');
  const place = page.locator('#map-place');
  const told = (await place.textContent()) ?? '';
  await fingers.down(at(0.2, 0.3));
  await fingers.move([at(0.2, 0.3)], [at(0.6, 0.3)]);
  await expect(place).not.toHaveText(told);
  await fingers.up();
  await expect(page).toHaveURL(/point=/);

  const before = await scrolled(page);
  at = await placesOn(page, '#atlas');
  await fingers.down(at(0.5, 0.9));
  await fingers.move([at(0.5, 0.9)], [at(0.5, 0.1)]);
  await fingers.up();
  await expect.poll(() => scrolled(page)).toBeGreaterThan(before);
});
