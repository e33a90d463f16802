// Teaching: pictures of the visitor's own, a flow that learns them, and what becomes of it.

import { readFileSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { greyPng } from './support/made_png';
import { withCamera } from './support/chromium';
import { expect, test } from './support/fixtures';
import { largestDifference } from './support/numbers';
import { download, openPage, settled } from './support/page';
import { encodePicture } from './support/trainer';

test.use({ launchOptions: withCamera });
test.setTimeout(240_000);

const SIDE = 28;

/** A picture file: light where `lit` says so, with some grain that differs from picture to picture. */
function picture(
  number: number,
  lit: (x: number, y: number) => boolean,
): { name: string; mimeType: string; buffer: Buffer } {
  const grain = (i: number) => ((i * 7919 + number * 104729) % 23) - 11;
  const level = (_: unknown, i: number) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    return Math.min(255, Math.max(0, (lit(x, y) ? 225 : 12) + grain(i)));
  };
  const buffer = greyPng(SIDE, SIDE, Buffer.from(Array.from({ length: SIDE * SIDE }, level)));
  return { name: `${number}.png`, mimeType: 'image/png', buffer };
}

/** Upright bars, lying bars, and a third thing: places differ a little. */
const upright = (i: number) => picture(i, (x, y) => Math.abs(x - 13 - (i % 3)) < 3 && y > 3 && y < 25);
const lying = (i: number) => picture(i, (x, y) => Math.abs(y - 13 - (i % 3)) < 3 && x > 3 && x < 25);
const ring = (i: number) => picture(i, (x, y) => Math.abs(Math.hypot(x - 14, y - 14) - 8) < 2);
const several = (of: typeof ring, count: number) => Array.from({ length: count }, (_, i) => of(i));

/** Adds picture files to a class. */
async function fill(page: Page, index: number, files: ReturnType<typeof ring>[]): Promise<void> {
  const before = await tilesOf(page, index).count();
  const choosing = page.waitForEvent('filechooser');
  await page.locator('.teach-class').nth(index).getByRole('button', { name: 'Choose picture files' }).click();
  await (await choosing).setFiles(files);
  await expect(tilesOf(page, index)).toHaveCount(before + files.length);
}

const tilesOf = (page: Page, index: number) => page.locator('.teach-class').nth(index).locator('.teach-tile');

async function steps(page: Page): Promise<number> {
  return Number(/Step ([\d,]+)/.exec((await page.locator('#teach-state').textContent()) ?? '')?.[1]?.replace(',', ''));
}

/** Trains until so many steps are taken, and waits for what has been learnt. */
async function train(page: Page, atLeast: number): Promise<void> {
  await page.locator('#teach-train').click();
  await expect.poll(() => steps(page), { timeout: 120_000 }).toBeGreaterThanOrEqual(atLeast);
  await page.locator('#teach-train').click();
  await expect(page.locator('#teach-train')).toHaveText('Go on');
  await settled(page, 'teach');
}

/** Puts a picture on the easel by drawing its light pixels with the mouse, in strokes. */
async function draw(page: Page, strokes: readonly (readonly [number, number])[][]): Promise<void> {
  await page.locator('#teach-clear').click();
  await page.locator('#teach-canvas').scrollIntoViewIfNeeded();
  const box = (await page.locator('#teach-canvas').boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  for (const stroke of strokes) {
    for (const [i, [x, y]] of stroke.entries()) {
      await page.mouse.move(box.x + (x / SIDE) * box.width, box.y + (y / SIDE) * box.height, { steps: 4 });
      if (i === 0) await page.mouse.down();
    }
    await page.mouse.up();
  }
  await settled(page, 'teach');
}

test('two classes are learnt from files, a third thing is none of them, and it goes on after a reload', async ({
  page,
  site,
}) => {
  await openPage(page, site, '', 'teach');
  await expect(page.locator('#teach-train')).toBeDisabled();
  await expect(page.locator('#teach-hint')).toHaveText('Add some pictures to “A”.');
  await page.locator('.teach-name').first().fill('Upright');
  await page.locator('.teach-name').nth(1).fill('Lying');
  await fill(page, 0, several(upright, 12));
  await fill(page, 1, several(lying, 12));
  // Known at once, by the digits' own flow.
  await expect(page.locator('#teach-hint')).toHaveText(/known at once/);
  await settled(page, 'teach');
  await draw(page, [
    [
      [14, 4],
      [14, 24],
    ],
  ]);
  await expect(page.locator('#teach-prediction')).toHaveText(/Upright/);
  await expect(page.locator('.teach-row')).toHaveCount(2);

  const samples = () =>
    page
      .locator('.teach-row canvas')
      .evaluateAll((all) => all.map((one) => (one as HTMLCanvasElement).toDataURL()).join());
  const before = await samples();
  await train(page, 12);
  expect(await samples()).not.toBe(before);
  await expect(page.locator('#teach-charts dd').first()).toContainText('%');
  await draw(page, [
    [
      [4, 14],
      [24, 14],
    ],
  ]);
  await expect(page.locator('#teach-prediction')).toHaveText(/Lying/);
  await draw(page, [
    [
      [6, 6],
      [22, 6],
      [22, 22],
      [6, 22],
      [6, 6],
    ],
    [
      [6, 6],
      [22, 22],
    ],
    [
      [22, 6],
      [6, 22],
    ],
  ]);
  await expect(page.locator('#teach-verdict')).toHaveText(/None of these|Unusual/);

  const taken = await page.locator('#teach-hint').textContent();
  const file = await download(page, '#teach-save-model');
  expect(file.name).toBe('my-model.safetensors');
  const archive = await download(page, '#teach-save');
  expect(readFileSync(archive.path).subarray(0, 2).toString()).toBe('PK');

  await openPage(page, site, '', 'teach');
  await expect(tilesOf(page, 0)).toHaveCount(12);
  await expect(page.locator('.teach-name').nth(1)).toHaveValue('Lying');
  await expect(page.locator('#teach-hint')).toHaveText(taken ?? '?');
  await expect(page.locator('#teach-train')).toHaveText('Go on');
  await train(page, Number(/\d+/.exec(taken ?? '')?.[0]) + 2);

  // Every view plays it.
  await page.locator('#teach-play').click();
  await expect(page.locator('#adapter')).toHaveText(/^Running on/);
  await expect(page.locator('#bars .bar-name')).toHaveText(['Upright', 'Lying']);
});

test('the page and the trainer give a picture the same posterior', async ({ page, site }) => {
  await openPage(page, site, '', 'teach');
  await page.locator('#teach-begin').getByLabel('Nothing').check();
  await fill(page, 0, several(upright, 6));
  await fill(page, 1, several(ring, 6));
  await train(page, 3);
  const file = await download(page, '#teach-save-model');
  const image = lying(30).buffer;
  const { logits } = encodePicture(file.path, image);
  const largest = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - largest));
  const wanted = weights.map((weight) => weight / weights.reduce((sum, other) => sum + other, 0));
  const pixels = await page.evaluate(
    async (bytes) => {
      const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: 'image/png' }));
      const context = new OffscreenCanvas(28, 28).getContext('2d');
      context?.drawImage(bitmap, 0, 0);
      return Array.from(context?.getImageData(0, 0, 28, 28).data ?? []).filter((_, i) => i % 4 === 0);
    },
    [...image],
  );
  expect(pixels).toHaveLength(784);
  await page.locator('#teach-play').click();
  await page.locator('#draw').evaluate((view) => view.scrollIntoView());
  await page.locator('#file').setInputFiles({ name: 'other.png', mimeType: 'image/png', buffer: image });
  await expect(async () => {
    const shares = await page
      .locator('#bars .bar-fill')
      .evaluateAll((fills) => fills.map((fill) => Number((fill as HTMLElement).style.getPropertyValue('--share'))));
    expect(shares).toHaveLength(2);
    expect(largestDifference(shares, wanted)).toBeLessThan(1e-4);
  }).toPass();
});

test('the camera fills a class while the button is held, and pictures are deleted and moved', async ({
  page,
  site,
}) => {
  await openPage(page, site, '', 'teach');
  await page.locator('#teach-camera').click();
  await expect(page.locator('#teach-add')).toHaveText('Hold to add to “A”');
  await page.locator('#teach-add').hover();
  await page.mouse.down();
  await expect.poll(() => tilesOf(page, 0).count()).toBeGreaterThan(4);
  await page.mouse.up();
  const taken = await tilesOf(page, 0).count();
  await page.waitForTimeout(400);
  expect(await tilesOf(page, 0).count()).toBeLessThanOrEqual(taken + 1);
  await page.locator('#teach-camera').click();
  await expect(page.locator('#teach-add')).toHaveText('Add to “A”');

  const all = await tilesOf(page, 0).count();
  await tilesOf(page, 0).first().click();
  await tilesOf(page, 0).nth(1).click();
  await expect(page.locator('#teach-chosen-count')).toHaveText('2 pictures chosen');
  await page.locator('#teach-move').selectOption('1');
  await expect(tilesOf(page, 1)).toHaveCount(2);
  await tilesOf(page, 0).first().click();
  await page.keyboard.press('Delete');
  await expect(tilesOf(page, 0)).toHaveCount(all - 3);
  await expect(page.locator('#teach-chosen')).toBeHidden();
});

test('pictures are drawn by hand and by the model, saved, and opened again', async ({ page, site }) => {
  await openPage(page, site, '', 'teach');
  await draw(page, [
    [
      [14, 4],
      [14, 24],
    ],
  ]);
  await page.locator('#teach-add').click();
  await expect(tilesOf(page, 0)).toHaveCount(1);
  await page.locator('.teach-class').nth(1).getByRole('button', { name: 'Add ten pictures' }).click();
  await expect(tilesOf(page, 1)).toHaveCount(10);
  const tiles = () =>
    page.locator('.teach-tile canvas').evaluateAll((all) => all.map((one) => (one as HTMLCanvasElement).toDataURL()));
  const before = await tiles();
  const archive = await download(page, '#teach-save');
  await page.locator('#teach-start-over').click();
  await page.locator('#teach-start-over').click();
  await expect(page.locator('.teach-tile')).toHaveCount(0);
  await page.locator('#teach-set-file').setInputFiles({
    name: 'my-pictures.zip',
    mimeType: 'application/zip',
    buffer: readFileSync(archive.path),
  });
  await expect(page.locator('.teach-tile')).toHaveCount(11);
  expect(await tiles()).toEqual(before);

  // Of the other kind they are still there, in its shape; and starting over asks again once something else was done.
  await page.locator('#teach-start-over').click();
  await page.locator('#teach-kind input[value="colour"]').check();
  await settled(page, 'teach');
  await expect(page.locator('.teach-tile')).toHaveCount(11);
  expect(
    await page.locator('.teach-tile canvas').evaluateAll((all) => all.map((one) => (one as HTMLCanvasElement).width)),
  ).toEqual(Array(11).fill(32));
  await page.locator('#teach-start-over').click();
  await expect(page.locator('.teach-tile')).toHaveCount(11);
});

test('classes of the same pictures are said to look alike, and different ones are not', async ({ page, site }) => {
  await openPage(page, site, '', 'teach');
  await fill(page, 0, several(upright, 10));
  await fill(page, 1, several(lying, 10));
  await expect(page.locator('#teach-hint')).toHaveText(/known at once/);
  await settled(page, 'teach');
  await expect(page.locator('#teach-hint')).not.toHaveText(/alike/);
  await page.locator('#teach-add-class').click();
  await page.locator('.teach-name').nth(2).fill('Also upright');
  await fill(
    page,
    2,
    Array.from({ length: 10 }, (_, i) => upright(i + 50)),
  );
  await expect(page.locator('#teach-hint')).toHaveText(
    /“A” and “Also upright” look alike to it: .*taken for the other/,
  );
});

test('the map shows the pictures at their latents, and what is on the easel among them', async ({ page, site }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await openPage(page, site, '', 'teach');
  await expect(page.locator('#teach-latents')).toBeHidden();
  await fill(page, 0, several(upright, 10));
  await fill(page, 1, several(lying, 10));
  const map = page.locator('#teach-map');
  await expect(map).toBeVisible();
  await settled(page, 'teach');
  /** What the map shows, once it is drawn. */
  const shown = () =>
    map.evaluate(async (canvas) => {
      for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
      return (canvas as HTMLCanvasElement).toDataURL();
    });
  const before = await shown();
  await draw(page, [
    [
      [14, 4],
      [14, 24],
    ],
  ]);
  const among = await shown();
  expect(among).not.toBe(before);
  await page.locator('#teach-clear').click();
  await settled(page, 'teach');
  await expect.poll(shown).toBe(before);
  await train(page, 8);
  expect(await shown()).not.toBe(before);
  await page.locator('#teach-start-over').click();
  await page.locator('#teach-start-over').click();
  await expect(page.locator('#teach-latents')).toBeHidden();
});

test('the first lesson goes on as its steps are done', async ({ page, site }) => {
  await openPage(page, site, '', 'teach');
  const now = page.locator('#teach-lesson-steps [aria-current]');
  await page.locator('#teach-lesson-start').click();
  await expect(page.locator('#teach-lesson-status')).toHaveText('Step 1 of 6');
  await expect(now).toContainText('Name two classes');
  await page.locator('.teach-name').first().fill('Upright');
  await page.locator('.teach-name').nth(1).fill('Lying');
  await expect(now).toContainText('the first one ten');
  await fill(page, 0, several(upright, 10));
  await expect(now).toContainText('the second one ten');
  await fill(page, 1, several(lying, 10));
  await expect(now).toContainText('Draw one more');
  await expect(page.locator('#teach-hint')).toHaveText(/known at once/);
  await draw(page, [
    [
      [14, 4],
      [14, 24],
    ],
  ]);
  await draw(page, [
    [
      [13, 4],
      [14, 24],
    ],
  ]);
  await expect(page.locator('#teach-lesson-steps .done')).not.toHaveCount(0);
  await page.locator('#teach-lesson-start').click();
  await expect(page.locator('#teach-lesson')).toBeHidden();
});

test('an address leaves out parts of the view, and the page for teachers leads there', async ({ page, site }) => {
  await page.goto(`${site}teachers.html`);
  await expect(page.locator('h1')).toContainText('For teachers');
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await page.locator('a[href*="without="]').click();
  await expect(page.locator('#teach-add')).toHaveText('Add to “A”');
  await settled(page, 'teach');
  for (const hidden of ['#teach-kind', '#teach-begin', '.teach-gamma', '#teach-save', '.masthead']) {
    await expect(page.locator(hidden), hidden).toBeHidden();
  }
  await expect(page.locator('#teach-camera')).toBeVisible();
  // What the page for teachers lists is what there is.
  await page.goto(`${site}teachers.html`);
  const parts = await page.locator('dt').allTextContents();
  for (const part of parts) {
    await page.goto(`${site}?without=${part}`);
    await page.locator('#teach').evaluate((view) => view.scrollIntoView());
    await expect(page.locator('#teach')).toHaveClass(new RegExp(`without-${part}`));
  }
});

test('what training needs is not fetched before it is asked for', async ({ page, site }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await openPage(page, site, '', 'gamma');
  expect(asked.filter((path) => /teach|course/.test(path))).toEqual([]);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds no violation where one teaches, ${colorScheme}`, async ({ page, site }) => {
    await page.emulateMedia({ colorScheme });
    await openPage(page, site, '', 'teach');
    await fill(page, 0, several(upright, 5));
    await fill(page, 1, several(lying, 5));
    await settled(page, 'teach');
    await tilesOf(page, 0).first().click();
    const { violations } = await new AxeBuilder({ page }).include('#teach').analyze();
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
    ).toEqual([]);
  });
}
