// What the page says of things that the model has not seen: in sight, measured, and true.

import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { allModels, expect, shippedModels, test } from './support/fixtures';
import { atRest, download, greyLevelsOf, openPage, settled } from './support/page';
import { cardOf } from './support/safetensors';

test.use({ trace: 'off' });

const opening = shippedModels[0]!;
const card = cardOf(readFileSync(opening.path));
const alarms = (alpha: number) => card.evaluation.novelty.find((row) => row.alpha === alpha)?.alarms ?? NaN;

/** What the page says of the image on the canvas. */
async function said(page: Page) {
  await settled(page, 'draw');
  return {
    verdict: await page.locator('#said').getAttribute('data-verdict'),
    verdictWord: await page.locator('#verdict').textContent(),
    headline: await page.locator('#prediction').textContent(),
  };
}

/** Puts one of the things to try on the canvas. */
async function tryOut(page: Page, name: string): Promise<void> {
  await page.locator('#tries').getByRole('button', { name, exact: true }).click();
  await settled(page, 'draw');
}

test('a letter, a smiley, a seven, noise and a photograph are none of these; its own drawing is not', async ({
  page,
  site,
}) => {
  await openPage(page, site, 'image=sample_0_0_0_0.7', 'draw');
  expect((await said(page)).verdict).toBe('ordinary');
  expect((await said(page)).headline).toMatch(/^T-shirt|^\S+.* \(/);
  for (const name of ['A letter', 'A smiley', 'A seven', 'Noise', 'A picture like a photograph']) {
    await tryOut(page, name);
    const { verdict, verdictWord, headline } = await said(page);
    expect([name, verdict, verdictWord]).toEqual([name, 'none-of-these', 'None of these']);
    expect(headline).toMatch(/^If it were one of these: /);
  }
});

test('beside the verdict stands what was measured of this model: false alarms and detection', async ({
  page,
  site,
}) => {
  await openPage(page, site, 'image=sample_0_0_0_0.7', 'draw');
  const share = (value: number) => `${value.toFixed(value < 1 ? 2 : 1)} %`;
  await expect(page.locator('#alarms')).toHaveText(`${share(100 - alarms(5))} of the test images get this verdict.`);
  await tryOut(page, 'A letter');
  await expect(page.locator('#alarms')).toHaveText(`${share(alarms(1))} of the test images get this verdict, too.`);
  await page.locator('#detection summary').click();
  const sets = card.evaluation.ood.map(({ novelty }) => share(novelty.auroc));
  const shown = await page.locator('#detection tbody td:nth-child(2)').allTextContents();
  expect([...shown].sort()).toEqual([...sets].sort());
  // A set that it mostly does not see is named as such.
  const hidden = card.evaluation.ood.filter(({ novelty }) => novelty.unusual < 50);
  await expect(page.locator('#detection .hint')).toHaveCount(hidden.length);
  expect(hidden.length).toBeGreaterThan(0);
});

for (const [name, viewport, touch] of [
  ['desk', { width: 1280, height: 800 }, false],
  ['phone', { width: 390, height: 844 }, true],
] as const) {
  test.describe(name, () => {
    test.use({ viewport, hasTouch: touch, isMobile: touch });
    test('the verdict is in sight while one draws', async ({ page, site }) => {
      await openPage(page, site, 'image=empty', 'draw');
      await tryOut(page, 'A seven');
      await page.locator('#draw').evaluate((view) => view.scrollIntoView());
      for (const part of ['#canvas', '#prediction', '#verdict', '#alarms']) {
        await expect(page.locator(part), part).toBeInViewport({ ratio: 1 });
      }
      // Not below the dial, which stays at the edge of the window.
      const box = async (part: string) => (await page.locator(part).boundingBox()) ?? { y: NaN, height: NaN };
      const dial = await box('#dial-bar');
      expect((await box('#canvas')).y).toBeGreaterThanOrEqual(dial.y + dial.height);
    });
  });
}

test('where it is none of these, the class steps back', async ({ page, site }) => {
  await openPage(page, site, 'image=sample_0_0_0_0.7', 'draw');
  const looks = () =>
    page.evaluate(() => {
      const style = (selector: string) => getComputedStyle(document.querySelector(selector)!);
      return {
        headline: parseFloat(style('#prediction').fontSize),
        verdictWord: parseFloat(style('#verdict').fontSize),
        weight: style('#bars .predicted').fontWeight,
        title: document.getElementById('posterior-title')?.textContent,
      };
    });
  const ordinary = await looks();
  expect(ordinary.headline).toBeGreaterThan(ordinary.verdictWord);
  expect([ordinary.weight, ordinary.title]).toEqual(['600', 'Posterior']);
  await tryOut(page, 'A letter');
  const none = await looks();
  expect(none.headline).toBeLessThan(none.verdictWord);
  expect([none.weight, none.title]).toEqual(['400', 'Posterior, if it were one of these']);
});

test('no probability is called certain', async ({ page, site }) => {
  await openPage(page, site, 'image=sample_9_0_0_0', 'draw');
  for (const name of ['A letter', 'Black', 'Noise', 'A picture like a photograph', 'Half of one of its own drawings']) {
    await tryOut(page, name);
    const words = await page.locator('.verdict').innerText();
    expect(words).not.toMatch(/100(\.0)? %/);
  }
});

test('the needle of novelty goes to the right as the image becomes stranger', async ({ page, site }) => {
  await openPage(page, site, 'image=sample_0_0_0_0.7', 'draw');
  const place = async () => {
    await settled(page, 'draw');
    const moved = await page
      .locator('#novelty-gauge .needle')
      .evaluate((needle) => (needle as SVGElement).style.transform);
    return parseFloat(/translateX\(([\d.]+)px/.exec(moved)?.[1] ?? 'NaN');
  };
  const ordinary = await place();
  await tryOut(page, 'A letter');
  expect(await place()).toBeGreaterThan(ordinary + 50);
  await expect(page.locator('#why')).toContainText('Of 1,000 ordinary images');
});

test('one image is seen by every model of the group, side by side', async ({ page, site }) => {
  const group = allModels.filter((model) => model.group === opening.group);
  await openPage(page, site, 'image=empty', 'draw');
  await tryOut(page, 'A letter');
  await page.locator('#every').scrollIntoViewIfNeeded();
  const columns = page.locator('#every-row li');
  await expect(columns).toHaveCount(group.length);
  await expect(page.locator('#every-row .every-class')).toHaveCount(group.length);
  await settled(page, 'every');
  // What stands in the row is what the model says when the dial is turned to it.
  const last = group.length - 2;
  const words = await columns.nth(last).locator('.verdict-word').textContent();
  const bits = await columns.nth(last).locator('.hint').last().textContent();
  await columns.nth(last).getByRole('button').click();
  await atRest(page, 'draw');
  await expect(page.locator('#verdict')).toHaveText(words ?? '?');
  await expect(page.locator('#bits')).toHaveText(bits ?? '?');
  await expect(columns.nth(last)).toHaveClass(/chosen/);
});

test('sliders show where the verdict turns', async ({ page, site }) => {
  await openPage(page, site, 'image=sample_9_0_0_0', 'draw');
  await page.locator('#disturb').scrollIntoViewIfNeeded();
  const strip = page.locator('.disturbance', { has: page.locator('#disturb-occlusion') }).locator('.turning');
  await expect(strip).toHaveAttribute('aria-label', /^From \d+ % on: /);
  const [, at, to] = /^From (\d+) % on: (.*)\.$/.exec((await strip.getAttribute('aria-label')) ?? '') ?? [];
  const before = await page.locator('#verdict').textContent();
  // A place before it, at a step of the strip.
  await page.locator('#disturb-occlusion').fill(String(Number(at) / 100));
  await expect(page.locator('#verdict')).toHaveText(new RegExp(to ?? '?', 'i'));
  expect(before?.toLowerCase()).not.toBe(to);
});

test('the map can be tinted by novelty', async ({ page, site }) => {
  await openPage(page, site, '', 'map');
  const picture = () => greyLevelsOf(page, '#atlas');
  const classes = await picture();
  await expect(page.locator('#map-legend')).toBeHidden();
  await page.locator('#map-tint').getByLabel('Novelty').check();
  await expect(page).toHaveURL(/tint=novelty/);
  await expect(page.locator('#map-legend')).toBeVisible();
  await settled(page, 'map');
  await expect(async () => expect(await picture()).not.toEqual(classes)).toPass();
});

test('the card tells what novelty was measured to do, and AUROCs under 50 % as what they are', async ({
  page,
  site,
}) => {
  const last = allModels.find(({ group, gamma }) => group === opening.group && gamma === 'inf') ?? opening;
  for (const model of [opening, last]) {
    const { evaluation } = cardOf(readFileSync(model.path));
    await openPage(page, site, `model=${model.name}`, 'gamma');
    const tables = page.locator('#novelty-tables table');
    await expect(tables.nth(1).locator('tbody td:nth-child(2)')).toHaveText(
      evaluation.novelty.map(({ alarms }) => `${alarms.toFixed(alarms < 1 ? 2 : 1)} %`),
    );
    await expect(tables.nth(0).locator('tbody tr')).toHaveCount(evaluation.ood.length);
    const worse = evaluation.ood.filter(({ typicality_auc }) => typicality_auc < 50).length;
    await expect(page.locator('#sets .auroc-value', { hasText: 'worse than guessing' })).toHaveCount(worse);
  }
});

test('the numbers that are saved have the novelty and the verdict', async ({ page, site }) => {
  await openPage(page, site, 'image=empty', 'draw');
  await tryOut(page, 'A letter');
  const { path } = await download(page, '#save-numbers');
  const lines = readFileSync(path, 'utf8').split('\r\n');
  expect(lines).toContain('verdict,none-of-these');
  expect(lines.find((line) => line.startsWith('p-value of the novelty,'))).toBeDefined();
});

test('strokes and clearings can be undone, and done again', async ({ page, site }) => {
  await openPage(page, site, 'image=empty', 'draw');
  const [empty] = await greyLevelsOf(page, '#preview');
  await expect(page.locator('#undo')).toBeDisabled();
  await tryOut(page, 'A letter');
  const [letter] = await greyLevelsOf(page, '#preview');
  await page.locator('#clear').click();
  await settled(page, 'draw');
  await page.locator('#canvas').focus();
  await page.keyboard.press('Control+z');
  await expect(async () => expect((await greyLevelsOf(page, '#preview'))[0]).toEqual(letter)).toPass();
  await page.locator('#undo').click();
  await expect(async () => expect((await greyLevelsOf(page, '#preview'))[0]).toEqual(empty)).toPass();
  await page.keyboard.press('Control+Shift+z');
  await expect(async () => expect((await greyLevelsOf(page, '#preview'))[0]).toEqual(letter)).toPass();
});
