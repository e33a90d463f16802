// The camera: one that the browser makes up.

import { withCamera } from './support/chromium';
import { expect, test } from './support/fixtures';
import { greyLevelsOf, openPage } from './support/page';

test.use({ launchOptions: withCamera });

test('the camera shows on the board what it sees, until a picture is kept', async ({ page, site }) => {
  await openPage(page, site, '', 'draw');
  const [before] = await greyLevelsOf(page, '#preview');
  await page.locator('#camera').click();
  await expect(page.locator('#camera')).toHaveText('Keep this picture');
  await expect(async () => expect((await greyLevelsOf(page, '#preview'))[0]).not.toEqual(before)).toPass();
  const [moving] = await greyLevelsOf(page, '#preview');
  await expect(async () => expect((await greyLevelsOf(page, '#preview'))[0]).not.toEqual(moving)).toPass();
  await page.locator('#camera').click();
  await expect(page.locator('#camera')).toHaveText('Camera');
  await expect(page).toHaveURL(/image=image_/);
  const [kept] = await greyLevelsOf(page, '#preview');
  await page.waitForTimeout(400);
  expect((await greyLevelsOf(page, '#preview'))[0]).toEqual(kept);
});
