// Without a network, after the first visit.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { siteDir } from './support/environment';
import { expect, shippedModels, test } from './support/fixtures';
import { greyLevelsOf, openPage } from './support/page';
import { relay } from './support/relay';

// The browser tells of every request that fails; the page makes some by itself, as for the rest of the family.
test.use({ expectedFaults: /ERR_INTERNET_DISCONNECTED/ });

test('the service worker keeps every file of the site but the models', async ({ page, site }) => {
  await openPage(page, site, '', 'gamma');
  const kept = await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    const names = await caches.keys();
    const name = names.find((name) => name.startsWith('ibinn-site'));
    const requests = await (await caches.open(name ?? '')).keys();
    return { names, addresses: requests.map(({ url }) => url) };
  });
  const [first = ''] = readFileSync(join(siteDir, 'sw.js'), 'utf8').split('\n');
  const { files, version } = JSON.parse(first.slice('const SITE='.length, -1)) as { files: string[]; version: string };
  expect(kept.addresses.sort()).toEqual(files.map((file) => new URL(file, site).href).sort());
  expect(kept.names.some((name) => name.endsWith(version))).toBe(true);
  expect(files.filter((file) => file.endsWith('.safetensors'))).toEqual([]);
});

test('the page opens and draws without a network, with what it had loaded', async ({ page, site, context }) => {
  await openPage(page, site, '', 'gamma');
  await page.evaluate(() => navigator.serviceWorker.ready);
  const before = await greyLevelsOf(page, '#stage-grid canvas');
  await context.setOffline(true);
  await openPage(page, site, '', 'gamma');
  await expect(async () => expect(await greyLevelsOf(page, '#stage-grid canvas')).toEqual(before)).toPass();
  await context.setOffline(false);
});

test('a model that was never loaded is missed with one sentence, and the page goes on', async ({ page, site, context }) => {
  await openPage(page, site, '', 'gamma');
  await page.evaluate(() => navigator.serviceWorker.ready);
  await context.setOffline(true);
  await page.locator('#families').getByLabel(shippedModels[1]?.family ?? '').click();
  await expect(page.locator('#problem-text')).not.toBeEmpty();
  await expect(page.locator('#families input:checked')).toHaveValue(shippedModels[0]?.family ?? '');
  await expect(page.locator('#adapter')).toHaveText(/^Running on/);
  await context.setOffline(false);
});

for (const manner of ['refusing', 'stalling'] as const) {
  test(`the page opens with what it kept while the server is ${manner}`, async ({ page, site }) => {
    const server = await relay(site);
    try {
      await openPage(page, server.address, '', 'gamma');
      const before = await greyLevelsOf(page, '#stage-grid canvas');
      await page.evaluate(() => navigator.serviceWorker.ready);
      await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
      server.answer(manner);
      await openPage(page, server.address, '', 'gamma');
      await expect.poll(() => greyLevelsOf(page, '#stage-grid canvas')).toEqual(before);
    } finally {
      server.stop();
    }
  });
}
