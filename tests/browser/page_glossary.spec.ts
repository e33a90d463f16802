// Words of the field, explained where they stand.

import { expect, test } from './support/fixtures';
import { openPage } from './support/page';

test.use({ trace: 'off' });

test('a word is explained while it is pointed at or has the focus, until Escape', async ({ page, site }) => {
  await openPage(page, site, '', 'gamma');
  const word = page.getByRole('button', { name: 'normalizing flow' });
  const meaning = page.getByRole('tooltip').filter({ hasText: 'invertible network' });
  await expect(meaning).toBeHidden();
  await word.scrollIntoViewIfNeeded();
  await word.hover();
  await expect(meaning).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(meaning).toBeHidden();
  await page.mouse.move(0, 0);
  await word.focus();
  await expect(meaning).toBeVisible();
  await expect(word).toHaveAccessibleDescription(/takes images to latents and back/);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
});
