// γ: a dial over the models of a group, which all views follow.

import { allModels, expect, shippedModels, test } from './support/fixtures';
import { atRest, expectImages, greyLevelsOf, openPage, shown } from './support/page';
import { samplePng } from './support/trainer';

const CLASSES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const stopsOf = (group: string | undefined) =>
  allModels.filter((model) => model.group === group && model.gamma !== undefined);
// The group with the most stops.
const [opening, second] = [...shippedModels].sort((a, b) => stopsOf(b.group).length - stopsOf(a.group).length);
const address = `model=${opening?.name}`;
const group = allModels.filter((model) => model.group === opening?.group);
const stops = stopsOf(opening?.group);
const others = group.filter(({ gamma }) => gamma === undefined);
const start = stops.findIndex(({ name }) => name === opening?.name);
const label = (gamma: number | 'inf' | undefined) => `γ = ${gamma === 'inf' ? '∞' : gamma}`;

test('a group has several stops', () => {
  expect(stops.length).toBeGreaterThan(1);
  expect(start).toBeGreaterThanOrEqual(0);
});

test('the dial changes the pictures, with the same seed, to those of the trainer', async ({ page, site }) => {
  await openPage(page, site, `${address}&seed=5`, 'gamma');
  const dial = page.locator('#dial');
  await expect(dial).toHaveAttribute('max', String(stops.length - 1));
  await expect(dial).toHaveAttribute('aria-valuetext', label(opening?.gamma));
  await dial.focus();
  for (const place of [...stops.keys()].filter((place) => place !== start)) {
    await dial.fill(String(place));
    await expect(dial).toHaveAttribute('aria-valuetext', label(stops[place]?.gamma));
    await expect(page.locator('#gamma-words')).toContainText(`At ${label(stops[place]?.gamma)} `);
    await expectImages(page, '#stage-grid canvas', samplePng(stops[place]?.path ?? '', CLASSES, 3, 5));
  }
  await expect(page).toHaveURL(new RegExp(`model=${stops.at(start === stops.length - 1 ? -2 : -1)?.name}`));
});

test('the dial can be turned with the keyboard, and every view follows', async ({ page, site }) => {
  await openPage(page, site, address);
  const all = ['#preview', '#grid canvas', '#strip canvas', '#map-image'];
  const before = await Promise.all(all.map((selector) => greyLevelsOf(page, selector)));
  const { posterior } = await shown(page);
  const facts = await page.locator('#facts').innerText();
  await page.locator('#dial').focus();
  await page.keyboard.press(start > 0 ? 'ArrowLeft' : 'ArrowRight');
  await expect(page.locator('#facts')).not.toHaveText(facts, { useInnerText: true });
  await atRest(page);
  await expect(async () => {
    const after = await Promise.all(all.map((selector) => greyLevelsOf(page, selector)));
    after.forEach((images, i) => expect(images, all[i]).not.toEqual(before[i]));
    expect((await shown(page)).posterior).not.toEqual(posterior);
  }).toPass();
});

test('the rest of the group is fetched by itself, and the stops tell', async ({ page, site }) => {
  await openPage(page, site, address, 'gamma');
  const arrived = () =>
    page
      .locator('.dial-stop')
      .evaluateAll((marks) => marks.map((mark) => (mark as HTMLElement).style.getPropertyValue('--arrived')));
  await expect.poll(arrived).toEqual(stops.map(() => '1'));
});

test('a model of another method stands beside the dial', async ({ page, site }) => {
  const other = others[0];
  expect(other, 'a model of another method').toBeDefined();
  await openPage(page, site, address, 'gamma');
  await page.locator(`#dial-others input[value="${other?.name}"]`).check();
  await expectImages(page, '#stage-grid canvas', samplePng(other?.path ?? '', CLASSES, 3, 0));
  await page.locator('#dial').focus();
  await page.keyboard.press('Home');
  await expect(page.locator(`#dial-others input[value="${other?.name}"]`)).not.toBeChecked();
  await expectImages(page, '#stage-grid canvas', samplePng(stops[0]?.path ?? '', CLASSES, 3, 0));
});

test('another data set opens with the same γ', async ({ page, site }) => {
  const alike = allModels.find(({ group, gamma }) => group === second?.group && gamma === stops[0]?.gamma);
  await openPage(page, site, `model=${stops[0]?.name}`, 'gamma');
  await page.locator(`#groups input[value="${second?.group}"]`).check();
  const wanted = alike ?? second;
  await expect(page.locator('#stage-grid .row-name').first()).toHaveText(wanted?.classes[0] ?? '');
  await expectImages(page, '#stage-grid canvas', samplePng(wanted?.path ?? '', CLASSES, 3, 0));
});

test('rows of γ show every model of the group with the same noise', async ({ page, site }) => {
  await openPage(page, site, `${address}&rows=gammas&class=3&count=2`, 'sample');
  await expect(page.locator('#grid .row-name')).toHaveCount(group.length);
  for (const [row, { path }] of group.entries()) {
    await expectImages(page, `#grid .row:nth-child(${row + 1}) canvas`, samplePng(path, [3], 2, 0));
  }
  await page.locator('#grid .row').first().locator('button').nth(1).click();
  await expect(page.locator('#dial')).toHaveAttribute('aria-valuetext', label(group[0]?.gamma));
  await expect(page.locator('#picked-name')).toContainText(`sample 2, ${label(group[0]?.gamma)}`);
});
