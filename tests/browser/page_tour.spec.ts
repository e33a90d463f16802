// The tour: five steps in plain words, by mouse and by keyboard.

import { expect, test } from './support/fixtures';
import { openPage, settled } from './support/page';

test.use({ trace: 'off' });

test('the tour leads through five places, and back', async ({ page, site }) => {
  await openPage(page, site, '', 'gamma');
  await page.locator('#tour-start').click();
  await expect(page.locator('#tour-step')).toHaveText('1 of 5');
  await expect(page.locator('#tour-back')).toBeDisabled();
  for (const place of ['#stage-grid', '#canvas', '#every-row', '#atlas']) {
    await page.locator('#tour-next').click();
    await expect(page.locator(place)).toBeInViewport();
    if (place !== '#canvas') continue;
    // What it says there is true: the letter is none of these.
    await settled(page, 'draw');
    await expect(page.locator('#said')).toHaveAttribute('data-verdict', 'none-of-these');
  }
  await expect(page.locator('#tour-next')).toHaveText('Done');
  await page.locator('#tour-back').click();
  await expect(page.locator('#every-row')).toBeInViewport();
  await page.keyboard.press('Escape');
  await expect(page.locator('#tour')).toBeHidden();
  await expect(page.locator('#tour-start')).toBeFocused();
});
