// Flows on points of the plane, trained in the page.

import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './support/fixtures';
import { settled } from './support/page';

/** Opens the page at this view, and waits until it shows untrained flows. */
async function openPlane(page: Page, site: string, hash = ''): Promise<void> {
  await page.goto('about:blank');
  await page.goto(`${site}#${hash}`);
  await page.locator('#plane').evaluate((view) => view.scrollIntoView());
  await settled(page, 'plane');
}

async function steps(page: Page): Promise<number> {
  return Number((await page.locator('#plane-steps').textContent())?.replace(/\D/g, ''));
}

/** Lets the training play for so many steps and pauses it. */
async function play(page: Page, atLeast: number): Promise<void> {
  await expect.poll(() => steps(page)).toBeGreaterThanOrEqual(atLeast);
  await page.locator('#plane-play').click();
  await expect(page.locator('#plane-status')).toHaveText(/^After/);
}

/** The newest values of the charts, by run: accuracy in percent, distance of the means, L_X, L_Y. */
async function read(page: Page, kind: 'ib' | 'class-nll'): Promise<number[]> {
  const texts = await page.locator(`#plane-charts .plane-values .${kind}`).allTextContents();
  return texts.map((text) => Number(text.replace('−', '-').replace(/[^\d.-]/g, '')));
}

/** A picture of what a canvas shows, to compare. */
async function pixels(page: Page, id: string): Promise<string> {
  return page.locator(id).evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
}

test('side by side, means part with the IB loss and meet with the class-NLL of an image', async ({ page, site }) => {
  await openPlane(page, site);
  const before = await read(page, 'ib');
  expect(await read(page, 'class-nll')).toEqual(before);
  expect(before[1]).toBe(2);
  await page.locator('#plane-try-both').click();
  await expect(page.locator('#plane-play')).toHaveText('Pause');
  await play(page, 300);

  const [ib, image] = [await read(page, 'ib'), await read(page, 'class-nll')];
  for (const after of [ib, image]) expect(after[2]).toBeLessThan((before[2] ?? 0) - 0.1);
  expect(ib[0]).toBeGreaterThan(95);
  expect(ib[1]).toBeGreaterThan(2.3);
  expect(image[0]).toBeLessThan(75);
  expect(image[1]).toBeLessThan(1.7);
  // At rest nothing moves on.
  const rested = await steps(page);
  await page.waitForTimeout(500);
  expect(await steps(page)).toBe(rested);
  await page.locator('#plane-reset').click();
  await expect.poll(() => read(page, 'ib')).toEqual(before);
});

test('one loss alone, step by step, and the other', async ({ page, site }) => {
  await openPlane(page, site, 'plane=moons_2_100_both_1_3072_0.01_0.1_4');
  await page.locator('#plane-shown').getByLabel('IB', { exact: true }).check();
  await expect(page.locator('#plane-run-class-nll')).toBeHidden();
  await page.locator('#plane-step').click();
  await expect(page.locator('#plane-steps')).toHaveText('Step 1');
  await page.locator('#plane-step').click();
  await expect(page.locator('#plane-steps')).toHaveText('Step 2');
  await page.locator('#plane-try-class-nll').click();
  await expect(page.locator('#plane-run-ib')).toBeHidden();
  await expect(page.locator('#plane-name-class-nll')).toHaveText('Class-NLL, D = 3072');
  await play(page, 20);
});

test('a link brings the training back to where it rested, and one of a changed training does not pretend to', async ({
  page,
  site,
}) => {
  await openPlane(page, site, 'plane=moons_2_100_both_1_3072_0.01_0.1_4');
  await page.locator('#plane-play').click();
  await play(page, 50);
  await settled(page, 'plane');
  const rested = await steps(page);
  await expect(page).toHaveURL(new RegExp(`plane=moons_2_100_both_1_3072_0.01_0.1_4_${rested}$`));
  const said = await page.locator('#plane-status').textContent();
  const plane = await pixels(page, '#plane-data-ib');
  const link = new URL(page.url()).hash.slice(1);

  await openPlane(page, site, link);
  await expect(page.locator('#plane-steps')).toHaveText(`Step ${rested}`);
  await expect(page.locator('#plane-status')).toHaveText(said ?? '');
  await settled(page, 'plane');
  expect(await pixels(page, '#plane-data-ib')).toBe(plane);
  await expect(page).toHaveURL(new RegExp(`_${rested}$`));

  // From here on with another rate: no link can tell the whole story.
  await page.locator('#plane-rate').press('ArrowRight');
  await page.locator('#plane-step').click();
  await expect(page.locator('#plane-steps')).toHaveText(`Step ${rested + 1}`);
  await settled(page, 'plane');
  await expect(page).toHaveURL(/plane=moons_2_100_both_1_3072_0.02_0.1_4$/);
});

test('points are painted with the mouse and with the keyboard, taken back, and learned', async ({ page, site }) => {
  await openPlane(page, site, 'plane=blank_2_400_ib_1_3072_0.01_0.1_4');
  await page.locator('#plane-play').click();
  await expect(page.locator('#plane-status')).toContainText('nothing to learn from');
  const plane = page.locator('#plane-data-ib');
  await plane.scrollIntoViewIfNeeded();
  const empty = await pixels(page, '#plane-data-ib');
  const box = (await plane.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const click = (x: number, y: number) => page.mouse.click(box.x + x * box.width, box.y + y * box.height);
  for (const [x, y] of [
    [0.3, 0.4],
    [0.3, 0.6],
    [0.35, 0.5],
  ] as const)
    await click(x, y);
  await expect(page.locator('#plane-painted')).toHaveText('3 painted.');
  await expect.poll(() => pixels(page, '#plane-data-ib')).not.toBe(empty);

  await plane.focus();
  await page.keyboard.press('2');
  await expect(page.locator('#plane-brush input').nth(1)).toBeChecked();
  for (let i = 0; i < 8; i++) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await expect(page.locator('#plane-painted')).toHaveText('6 painted.');
  await page.keyboard.press('Backspace');
  await expect(page.locator('#plane-painted')).toHaveText('5 painted.');

  await page.locator('#plane-play').click();
  await play(page, 60);
  expect((await read(page, 'ib'))[0]).toBeGreaterThanOrEqual(99.9);
  await expect(page).toHaveURL(/planePoints=[\w-]{20}(&|$)/);
  await page.locator('#plane-clear').click();
  await expect(page.locator('#plane-painted')).toHaveText('None yet.');
});

test('the address reproduces settings and painted points', async ({ page, site }) => {
  await openPlane(page, site);
  await page.locator('#plane-sets').getByLabel('Spirals').check();
  await page.locator('#plane-classes').fill('1');
  await page.locator('#plane-gamma').fill('9');
  await page.locator('#plane-dims').getByLabel('784').check();
  await page.locator('#plane-noise').fill('5');
  await page.locator('#plane-rate').fill('4');
  await page.locator('#plane-seed').fill('11');
  await page.locator('#plane-seed').blur();
  await page.locator('#plane-data-ib').scrollIntoViewIfNeeded();
  await page.locator('#plane-data-ib').click({ position: { x: 30, y: 40 } });
  await expect(page.locator('#plane-painted')).toHaveText('1 painted.');
  await expect(page).toHaveURL(/plane=spirals_3_400_both_inf_784_0.02_0.1_11&planePoints=/);
  await settled(page, 'plane');
  const names = [
    '#plane-gamma-value',
    '#plane-noise-value',
    '#plane-rate-value',
    '#plane-classes-value',
    '#plane-name-ib',
  ];
  const said = await page.locator(names.join()).allTextContents();
  const values = { ib: await read(page, 'ib'), 'class-nll': await read(page, 'class-nll') };

  const [address, hash] = page.url().split('#');
  await openPlane(page, address ?? '', hash);
  expect(await page.locator(names.join()).allTextContents()).toEqual(said);
  expect(said).toContain('IB, γ = ∞');
  await expect(page.locator('#plane-painted')).toHaveText('1 painted.');
  expect({ ib: await read(page, 'ib'), 'class-nll': await read(page, 'class-nll') }).toEqual(values);
});

test('it plays only while it is in sight', async ({ page, site }) => {
  await openPlane(page, site);
  await page.locator('#plane-play').click();
  await expect.poll(() => steps(page)).toBeGreaterThan(4);
  await page.evaluate(() => scrollTo(0, 0));
  // The steps under way when it leaves the sight are the last ones.
  let left = 0;
  await expect(async () => {
    left = await steps(page);
    await page.waitForTimeout(1000);
    expect(await steps(page)).toBe(left);
  }).toPass();
  await page.locator('#plane').evaluate((view) => view.scrollIntoView());
  await expect.poll(() => steps(page)).toBeGreaterThan(left);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds no violation where one trains on the plane, ${colorScheme}`, async ({ page, site }) => {
    await page.emulateMedia({ colorScheme });
    await openPlane(page, site);
    await page.locator('#plane-step').click();
    await expect(page.locator('#plane-status')).not.toBeEmpty();
    const { violations } = await new AxeBuilder({ page }).include('#plane').analyze();
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
    ).toEqual([]);
  });
}
