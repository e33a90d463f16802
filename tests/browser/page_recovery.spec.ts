// What the page does when what runs a model breaks: it says so, and there is a way on.

import type { Page } from '@playwright/test';
import { expect, shippedModels, test } from './support/fixtures';
import { atRest, expectImages, openPage, saveData } from './support/page';
import { samplePng } from './support/trainer';
import { breakModels } from './support/workers';

const [opening] = shippedModels;

/** Expects the drawings of the stage to be those of the seed that the address names. */
async function expectStage(page: Page): Promise<void> {
  await expect(page).toHaveURL(/seed=\d+/);
  const seed = Number(/seed=(\d+)/.exec(page.url())?.[1]);
  const all = opening?.classes.map((_, k) => k) ?? [];
  await expectImages(page, '#stage-grid canvas', samplePng(opening?.path ?? '', all, 3, seed));
}

test('a lost GPU is replaced, and the page tells of it', async ({ page, site }) => {
  await saveData(page);
  const models = await breakModels(page);
  await openPage(page, site, 'executor=gpu', 'gamma');
  await expect(page.locator('#notice')).not.toContainText('lost');
  await models.loseDevices();
  await page.locator('#redraw').click();
  await expect(page.locator('#notice')).toContainText('lost');
  await expectStage(page);
  await expect(page.locator('#problem')).toBeHidden();
});

test('a model whose engine has stopped is loaded anew when it is turned to again', async ({ page, site }) => {
  await saveData(page);
  const models = await breakModels(page);
  await openPage(page, site, 'executor=cpu', 'gamma');
  await models.stop();
  await page.locator('#redraw').click();
  await expect(page.locator('#problem-text')).toHaveText('The engine stopped.');
  await expect(page.locator('#adapter')).toBeEmpty();
  await page.locator('#dismiss').click();
  const place = await page.locator('#dial').inputValue();
  await page.locator('#dial').fill('0');
  await atRest(page, 'gamma');
  await page.locator('#dial').fill(place);
  await expectStage(page);
  await expect(page.locator('#problem')).toBeHidden();
});
