// From one model to another: what the page shows while the other is on its way, and when it does not come.

import type { Page } from '@playwright/test';
import { allModels, expect, type ShippedModel, shippedModels, test } from './support/fixtures';
import { atRest, drawLine, expectImages, greyLevelsOf, openPage, saveData, settled, shown } from './support/page';
import { samplePng } from './support/trainer';

// What a service worker lets through, Playwright does not hold up; a file that does not come is reported by the browser.
test.use({ serviceWorkers: 'block', expectedFaults: /ERR_FAILED/ });

const [opening, second] = shippedModels;
const group = allModels.filter((model) => model.group === opening?.group);

/** Holds up a model's file from now on, and counts how often it is asked for; returns how to let it go. */
async function holdUp(page: Page, model: ShippedModel | undefined) {
  const held = { asked: 0, letGo: () => {} };
  const until = new Promise<void>((resolve) => (held.letGo = resolve));
  await page.route(`**/${model?.file}*`, async (route) => {
    held.asked++;
    await until;
    // Whoever asked may have given up meanwhile.
    await route.continue().catch(() => undefined);
  });
  return held;
}

/** Chooses a data set by its name. */
async function choose(page: Page, group: string | undefined): Promise<void> {
  await page.locator(`#groups input[value="${group}"]`).click();
}

test('while another data set is on its way, nothing is evaluated with its names', async ({ page, site }) => {
  await openPage(page, site, '', 'draw');
  await expect(page.locator('#prediction')).not.toBeEmpty();
  const held = await holdUp(page, second);
  await choose(page, second?.group);
  await drawLine(page, [0.5, 0.2], [0.5, 0.8]);
  await settled(page, 'draw');
  await expect(page.locator('#bars .bar-name').first()).toHaveText(second?.classes[0] ?? '');
  await expect(page.locator('#prediction')).toBeEmpty();
  expect((await shown(page)).posterior).toEqual(second?.classes.map(() => 0));
  held.letGo();
  await atRest(page, 'draw');
  const { posterior } = await shown(page);
  const predicted = second?.classes[posterior.indexOf(Math.max(...posterior))];
  await expect(page.locator('#prediction')).toHaveText(new RegExp(`${predicted} \\(`));
});

test('when a model does not come, the page goes back to the one that runs', async ({ page, site }) => {
  await saveData(page);
  await openPage(page, site, '', 'gamma');
  const words = (await page.locator('#gamma-words').textContent()) ?? '';
  const value = await page.locator('#dial').getAttribute('aria-valuetext');
  await page.route('**/*.safetensors*', (route) => route.abort());

  await page.locator('#dial').focus();
  await page.keyboard.press('Home');
  await expect(page.locator('#problem')).toBeVisible();
  await expect(page.locator('#problem-text')).toHaveText(
    /^.+ has not been kept on this device, and this site does not answer\.$/,
  );
  await expect(page.locator('#gamma-words')).toHaveText(words);
  await expect(page.locator('#dial')).toHaveAttribute('aria-valuetext', value ?? '');

  await page.locator('#dismiss').click();
  await choose(page, second?.group);
  await expect(page.locator('#problem')).toBeVisible();
  await expect(page.locator('#groups input:checked')).toHaveValue(opening?.group ?? '');
  await atRest(page, 'gamma');
  const all = opening?.classes.map((_, k) => k) ?? [];
  await expectImages(page, '#stage-grid canvas', samplePng(opening?.path ?? '', all, 3, 0));
});

test.describe('a model that the site has lost', () => {
  test.use({ expectedFaults: /404/ });
  test('another of its group stands in for it, and the line says so in words', async ({ page, site }) => {
    await page.route(`**/${opening?.file}*`, (route) => route.fulfill({ status: 404, body: 'gone' }));
    await openPage(page, site, '', 'gamma');
    await expect(page.locator('#problem-text')).toHaveText(
      /^Fashion-MNIST.* is not where it should be: the site answered 404\. .+ is shown instead\.$/,
    );
    await expect(page.locator('#problem-text')).not.toContainText('http');
    await expect(page.locator('#dial')).not.toHaveAttribute('aria-valuetext', 'γ = 1');
    const [image] = await greyLevelsOf(page, '#stage-grid canvas');
    expect(Math.max(...(image ?? []))).toBeGreaterThan(0);
    // The others can be turned to; the one that is lost leads back.
    await page.locator('#dial').press('End');
    await atRest(page, 'gamma');
    await expect(page.locator('#problem')).toBeHidden();
  });
});

const ROWS = [
  { what: 'the way for every γ', hash: 'everyGamma=yes', rows: '#gammas', row: '.gamma-row' },
  { what: 'rows of γ', hash: 'rows=gammas', rows: '#grid', row: '#grid .row' },
];

for (const { what, hash, rows, row } of ROWS) {
  // The order of the models is that of the dial, but for the one that runs.
  const [slow, ...later] = group.filter((model) => model !== opening).slice(1);

  test(`${what}: another data set ends what is under way`, async ({ page, site }) => {
    await saveData(page);
    const held = await holdUp(page, slow);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await openPage(page, site, hash, 'gamma');
    await page.locator(rows).evaluate((element) => element.scrollIntoView());
    await expect.poll(() => held.asked).toBe(1);
    await choose(page, second?.group);
    await atRest(page, 'gamma');
    await page.locator(rows).evaluate((element) => element.scrollIntoView());
    const count = allModels.filter((model) => model.group === second?.group).length;
    await expect(page.locator(row)).toHaveCount(count);
    await expect(page.locator('#problem')).toBeHidden();
    held.letGo();
    expect(later.filter(({ file }) => asked.some((url) => url.includes(file)))).toEqual([]);
  });

  test(`${what}: another executor draws what was under way`, async ({ page, site }) => {
    await saveData(page);
    const held = await holdUp(page, slow);
    await openPage(page, site, hash, 'gamma');
    await page.locator(rows).evaluate((element) => element.scrollIntoView());
    await expect.poll(() => held.asked).toBe(1);
    await page.locator('#executors').getByLabel('CPU', { exact: true }).check();
    held.letGo();
    await atRest(page, 'gamma');
    await page.locator(rows).evaluate((element) => element.scrollIntoView());
    await expect(page.locator(row)).toHaveCount(group.length);
    for (let i = 0; i < group.length; i++) {
      await expect(async () => {
        const images = await greyLevelsOf(page, `${row}:nth-child(${i + 1}) canvas`);
        expect(images.length).toBeGreaterThan(1);
        expect(images.every((image) => image.some((level) => level > 0))).toBe(true);
      }).toPass();
    }
    await expect(page.locator('#problem')).toBeHidden();
  });
}
