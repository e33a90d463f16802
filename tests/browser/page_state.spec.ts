// The address holds the state: a link reproduces the view.

import { expect, shippedModels, test } from './support/fixtures';
import { atRest, greyLevelsOf, openPage, settled } from './support/page';

const IMAGES = [
  '#stage-grid canvas',
  '#grid canvas',
  '#picked',
  '#preview',
  '#end-a canvas',
  '#end-b canvas',
  '#strip canvas',
  '#between',
  '#map-image',
  '#evidence',
  '#strangeness',
];

test('the address reproduces what was set and drawn', async ({ page, site }) => {
  const [opening, second] = shippedModels;
  await openPage(page, site, `model=${opening?.name}`);
  await page.locator('#executors').getByLabel('CPU', { exact: true }).check();
  await page.locator(`#groups input[value="${second?.group}"]`).check();
  await atRest(page);
  await page.locator('#classes input[value="6"]').check();
  await page.locator('#temperature').fill('0.9');
  await page.locator('#count').fill('5');
  await page.locator('#new-seed').click();
  await page.locator('#grid button').nth(3).click();
  await page.locator('#picked-a').click();
  await page.locator('#canvas').click({ position: { x: 90, y: 90 } });
  await page.locator('#canvas-b').click();
  await page.locator('#disturb-blur').fill('1.5');
  await page.locator('#position').fill('0.25');
  await page.locator('#steps').fill('7');
  await page.locator('#steps').blur();
  await expect(page.locator('#strip button')).toHaveCount(7);
  await expect(page).toHaveURL(/steps=7/);
  await page.locator('#patch').getByLabel('7×7').check();
  await expect(page).toHaveURL(/patch=7/);
  await atRest(page);
  const before = await Promise.all(IMAGES.map((selector) => greyLevelsOf(page, selector)));
  const words = await page.locator('.verdict').innerText();
  const address = page.url();

  await openPage(page, site, address.split('#')[1]);
  await expect(page.locator('#strip button')).toHaveCount(7);
  await expect(page.locator('#executors input:checked')).toHaveValue('cpu');
  await expect(page.locator('#groups input:checked')).toHaveValue(second?.group ?? '');
  await expect(page.locator('#classes input:checked')).toHaveValue('6');
  await expect(page.locator('#temperature')).toHaveValue('0.9');
  await expect(page.locator('#disturb-blur')).toHaveValue('1.5');
  await expect(page.locator('.verdict')).toHaveText(words, { useInnerText: true });
  const after = await Promise.all(IMAGES.map((selector) => greyLevelsOf(page, selector)));
  IMAGES.forEach((selector, i) => expect(after[i], selector).toEqual(before[i]));
});

test('the address can be shared by a button', async ({ page, site, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await openPage(page, site, '', 'gamma');
  await page.locator('#redraw').click();
  // The button takes its words back after a while, so all that it says is kept.
  const said = await page.locator('#share').evaluateHandle((button) => {
    const said: string[] = [];
    new MutationObserver(() => said.push(button.textContent ?? '')).observe(button, { childList: true });
    return said;
  });
  await page.locator('#share').click();
  await expect.poll(() => said.jsonValue()).toContain('Copied');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(page.url());
  expect(copied).toMatch(/seed=\d+/);
});

test('where copying is not possible, the line of problems says what to do', async ({ page, site }) => {
  // As on a page that came over plain http.
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined }));
  await openPage(page, site, '', 'gamma');
  await page.locator('#share').click();
  await expect(page.locator('#problem')).toBeVisible();
  await expect(page.locator('#problem-text')).toContainText('the address of this page');
  await expect(page.locator('#share')).toHaveText('Share');
});

test('a link opens at the view that was last used before it was shared', async ({ page, site, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await openPage(page, site, 'seed=3', 'occlusion');
  await page.locator('#patch').getByLabel('2×2').check();
  await page.locator('#share').click();
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await expect.poll(copied).toContain('#seed=3&patch=2&at=occlusion');
  const link = await copied();
  await page.locator('#patch').getByLabel('7×7').check();
  await expect(page).toHaveURL(/#seed=3&patch=7$/);
  await page.goto('about:blank');
  await page.goto(link);
  await expect(page.locator('#evidence')).toBeInViewport();
  await settled(page, 'occlusion');
});

test('links to views lead there and leave the address alone', async ({ page, site }) => {
  await openPage(page, site, 'seed=3', 'gamma');
  await page.locator('.contents').getByText('Latent space').click();
  await expect(page.locator('#map')).toBeFocused();
  await expect(page.locator('#map')).toBeInViewport();
  expect(page.url()).toContain('#seed=3');
});

test('Back returns from a view and keeps what was set there; from a followed address, it undoes that', async ({
  page,
  site,
}) => {
  await openPage(page, site, 'seed=3', 'gamma');
  await page.locator('.contents').getByText('Latent space').click();
  await expect(page.locator('#map')).toBeInViewport();
  await page.locator('#map-tint').getByLabel('Nothing').check();
  await expect(page).toHaveURL(/#seed=3&tint=none$/);
  await page.goBack();
  await expect(page.locator('#stage-grid')).toBeInViewport();
  await expect(page).toHaveURL(/#seed=3&tint=none$/);
  await expect(page.locator('#map-tint input:checked')).toHaveValue('none');

  await page.evaluate(() => (location.hash = 'seed=4'));
  await expect(page.locator('#map-tint input:checked')).toHaveValue('classes');
  await page.goBack();
  await expect(page.locator('#map-tint input:checked')).toHaveValue('none');
  await expect(page).toHaveURL(/#seed=3&tint=none$/);
});

test('Back undoes a turn of the dial and a change of the data set, and keeps what was set since', async ({
  page,
  site,
}) => {
  await openPage(page, site, 'seed=3', 'gamma');
  const label = () => page.locator('#dial').getAttribute('aria-valuetext');
  const first = await label();
  await page.locator('#dial').press('End');
  await atRest(page, 'gamma');
  expect(await label()).not.toBe(first);
  await page.locator('#redraw').click();
  await expect(page).not.toHaveURL(/seed=3&|seed=3$/);
  const seed = /seed=\d+/.exec(page.url())?.[0] ?? '?';
  await page.waitForTimeout(1100);
  await page.locator(`#groups input[value="${shippedModels[1]?.group}"]`).check();
  await atRest(page, 'gamma');
  await page.goBack();
  await expect(page.locator('#groups input').first()).toBeChecked();
  await page.goBack();
  await expect.poll(label).toBe(first);
  await expect(page).toHaveURL(new RegExp(seed));
  await page.goForward();
  await expect.poll(label).not.toBe(first);
  await atRest(page, 'gamma');
});

test('a link that holds a picture of the visitor’s says so', async ({ page, site, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  // What comes into the view above the canvas moves it, and a stroke that begins meanwhile misses it.
  await openPage(page, site, 'image=empty', 'gamma');
  await atRest(page, 'draw');
  await page.locator('#canvas').click({ position: { x: 90, y: 90 } });
  await expect(page.locator('#undo')).toBeEnabled();
  await settled(page, 'draw');
  await page.locator('#share').click();
  await expect(page.locator('#share')).toHaveText('Copied, with your picture');
});

test('an address with nonsense opens the page as it is at the start', async ({ page, site }) => {
  await openPage(page, site, '', 'sample');
  const before = await greyLevelsOf(page, '#grid canvas');
  const nonsense =
    'class=-1&temperature=hot&count=1e9&seed=&a=sample_1&b=image_!!&image=what&position=2&corruption=1_2&view=9';
  await openPage(page, site, nonsense, 'sample');
  expect(await greyLevelsOf(page, '#grid canvas')).toEqual(before);
  await expect(page.locator('#problem')).toBeHidden();
});

for (const followed of [false, true]) {
  test(`an address that names an unknown model says so and shows the first${followed ? ', followed on the page as well' : ''}`, async ({
    page,
    site,
  }) => {
    await openPage(page, site, followed ? `model=${shippedModels[1]?.name}` : 'model=nothing', 'gamma');
    if (followed) await page.evaluate(() => (location.hash = 'model=nothing'));
    await expect(page.locator('#problem-text')).toContainText('no model named “nothing”');
    await expect(page.locator('#groups input').first()).toBeChecked();
  });
}
