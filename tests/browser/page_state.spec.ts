// The address holds the state: a link reproduces the view.

import { expect, shippedModels, test } from './support/fixtures';
import { atRest, greyLevelsOf, openPage } from './support/page';

const IMAGES = ['#grid canvas', '#picked', '#preview', '#end-a canvas', '#end-b canvas', '#strip canvas', '#between'];

test('the address reproduces what was set and drawn', async ({ page, site }) => {
  await openPage(page, site);
  await page.getByLabel(shippedModels[1]?.title ?? '').check();
  await expect(page.locator('#progress')).not.toHaveClass(/busy/);
  await page.getByLabel('CPU', { exact: true }).check();
  await expect(page.locator('#progress')).not.toHaveClass(/busy/);
  await page.locator('#classes input[value="6"]').check();
  await page.locator('#temperature').fill('0.9');
  await page.locator('#count').fill('5');
  await page.locator('#new-seed').click();
  await page.locator('#grid button').nth(3).click();
  await page.locator('#picked-a').click();
  await page.locator('#board').click({ position: { x: 90, y: 90 } });
  await page.locator('#board-b').click();
  await page.locator('#position').fill('0.25');
  await page.locator('#steps').fill('7');
  await page.locator('#steps').blur();
  await expect(page.locator('#strip button')).toHaveCount(7);
  await expect(page).toHaveURL(/steps=7/);
  await atRest(page);
  await page.waitForLoadState('networkidle');
  const before = await Promise.all(IMAGES.map((selector) => greyLevelsOf(page, selector)));
  const words = await page.locator('.readout').innerText();
  const address = page.url();

  await openPage(page, address.split('#')[0] ?? '', address.split('#')[1]);
  await expect(page.locator('#strip button')).toHaveCount(7);
  await expect(page.locator('#executors input:checked')).toHaveValue('cpu');
  await expect(page.locator('#classes input:checked')).toHaveValue('6');
  await expect(page.locator('#temperature')).toHaveValue('0.9');
  await expect(page.locator('.readout')).toHaveText(words, { useInnerText: true });
  await expect(async () => {
    expect(await Promise.all(IMAGES.map((selector) => greyLevelsOf(page, selector)))).toEqual(before);
  }).toPass();
});

test('an address with nonsense opens the page as it is at the start', async ({ page, site }) => {
  await openPage(page, site);
  const before = await greyLevelsOf(page, '#grid canvas');
  await openPage(page, site, 'class=-1&temperature=hot&count=1e9&seed=&a=sample_1&b=image_!!&image=what&position=2');
  expect(await greyLevelsOf(page, '#grid canvas')).toEqual(before);
  await expect(page.locator('#problem')).toBeHidden();
});

test('an address that names an unknown model says so and shows the first', async ({ page, site }) => {
  await openPage(page, site, 'model=nothing');
  await expect(page.locator('#problem-text')).toContainText('no model named “nothing”');
  await expect(page.locator('#models input').first()).toBeChecked();
});
