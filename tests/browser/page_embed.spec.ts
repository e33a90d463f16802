// One view alone, as other pages and slides show it.

import { expect, test } from './support/fixtures';
import { settled } from './support/page';

test.use({ trace: 'off' });

test('an address can ask for one view alone, which works as it does in the page', async ({ page, site }) => {
  await page.goto(`${site}?embed=draw#image=sample_3_0_0_0.7`);
  await expect(page.locator('#adapter')).toHaveText(/^Running on/);
  await settled(page, 'draw');
  await expect(page.locator('#prediction')).not.toBeEmpty();
  await expect(page.locator('#dial-bar')).toBeVisible();
  for (const hidden of ['.masthead', '#gamma', '#map', '#card', 'footer', '#draw .notes']) {
    await expect(page.locator(hidden), hidden).toBeHidden();
  }
  await page.locator('#dial').press('End');
  await expect(page).toHaveURL(/\?embed=draw#.*model=/);
});

test('an address that asks for no view of that name shows all', async ({ page, site }) => {
  await page.goto(`${site}?embed=nothing`);
  await expect(page.locator('#gamma')).toBeVisible();
  await expect(page.locator('#card')).toBeAttached();
});

test('the page tells other programs what it is', async ({ page, site, request }) => {
  await page.goto(site);
  const manifest = await page.locator('link[rel=manifest]').evaluate((link) => (link as HTMLLinkElement).href);
  const answer = await request.get(manifest);
  expect(answer.headers()['content-type']).toBe('application/manifest+json');
  expect(((await answer.json()) as { name: string }).name).toContain('ibinn');
  await expect(page.locator('meta[property="og:title"]')).toHaveAttribute('content', /ibinn/);
});
