// Without a network, after the first visit.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { siteDir } from './support/environment';
import { allModels, expect, shippedModels, test } from './support/fixtures';
import {
  atRest,
  expectImages,
  expectShown,
  greyLevelsOf,
  keptModels,
  leaveAsItIs,
  openPage,
  settled,
  upload,
} from './support/page';
import { relay } from './support/relay';
import { encodePicture, samplePng } from './support/trainer';

// The browser tells of every request that fails; the page makes some by itself, as for the rest of the group.
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

test('a model that was never loaded is missed with one sentence, and the page goes on', async ({
  page,
  site,
  context,
}) => {
  await openPage(page, site, '', 'gamma');
  await page.evaluate(() => navigator.serviceWorker.ready);
  await context.setOffline(true);
  await page.locator(`#groups input[value="${shippedModels[1]?.group}"]`).click();
  await expect(page.locator('#problem-text')).toHaveText(
    `${shippedModels[1]?.title} has not been kept on this device, and there is no network.`,
  );
  await expect(page.locator('#groups input:checked')).toHaveValue(shippedModels[0]?.group ?? '');
  await expect(page.locator('#adapter')).toHaveText(/^Running on/);
  // What stands in for it does not take the sentence away; the model itself does, once it is there.
  await expect(page.locator('#problem')).toBeVisible();
  await context.setOffline(false);
  await page.locator(`#groups input[value="${shippedModels[1]?.group}"]`).click();
  await expect(page.locator('#problem')).toBeHidden();
  await expect(page.locator('#groups input:checked')).toHaveValue(shippedModels[1]?.group ?? '');
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

test('with the network closed once the page and its group are there, every view works', async ({
  page,
  site,
  context,
}) => {
  const [opening] = shippedModels;
  const group = allModels.filter((model) => model.group === opening?.group);
  const stop = group.find((model) => model.gamma !== undefined && model !== opening);
  await openPage(page, site, 'count=2', 'gamma');
  await page.evaluate(() => navigator.serviceWorker.ready);
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  await expect.poll(async () => (await keptModels(page)).sort()).toEqual(group.map(({ file }) => file).sort());
  await context.setOffline(true);

  await page
    .locator('#dial')
    .fill(String(group.filter(({ gamma }) => gamma !== undefined).findIndex(({ name }) => name === stop?.name)));
  await atRest(page, 'gamma');
  const all = opening?.classes.map((_, k) => k) ?? [];
  await expectImages(page, '#stage-grid canvas', samplePng(stop?.path ?? '', all, 3, 0));

  await atRest(page, 'draw');
  const picture = samplePng(stop?.path ?? '', [3], 1, 1);
  await upload(page, 'image.png', picture);
  await leaveAsItIs(page);
  await expectShown(page, encodePicture(stop?.path ?? '', picture));

  await atRest(page, 'sample');
  await page.locator('#seed').fill('5');
  await page.locator('#seed').blur();
  await settled(page, 'sample');
  await expectImages(page, '#grid canvas', samplePng(stop?.path ?? '', all, 2, 5));

  await atRest(page, 'interpolate');
  await page.locator('#every-gamma').check();
  await page.locator('#gammas').evaluate((rows) => rows.scrollIntoView());
  await expect(page.locator('.gamma-row canvas')).toHaveCount(9 * group.length);

  await atRest(page, 'map');
  const place = await page.locator('#map-place').textContent();
  await page.locator('#map-own').click();
  await expect(page.locator('#map-place')).not.toHaveText(place ?? '');

  await atRest(page, 'occlusion');
  const note = await page.locator('#strangeness-note').textContent();
  await page.locator('#patch').getByLabel('7×7').check();
  await expect(page.locator('#strangeness-note')).not.toHaveText(note ?? '');

  await atRest(page, 'plane');
  await page.locator('#plane-step').click();
  await expect(page.locator('#plane-steps')).toHaveText('Step 1');

  await expect(page.locator('#facts dt')).not.toHaveCount(0);
  await page.locator('#executors').getByLabel('CPU', { exact: true }).check();
  await page.locator('#redraw').click();
  await atRest(page, 'gamma');
  await expect(page).toHaveURL(/executor=cpu/);
  const seed = Number(/seed=(\d+)/.exec(page.url())?.[1]);
  await expectImages(page, '#stage-grid canvas', samplePng(stop?.path ?? '', all, 3, seed));
  await expect(page.locator('#problem')).toBeHidden();
  await context.setOffline(false);
});
