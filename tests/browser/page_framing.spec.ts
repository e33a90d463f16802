// Pictures and drawings, framed as the training images are where the model's card says how.

import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { draw as text } from '../../www/src/strings/draw.ts';
import { greyPng } from './support/made_png';
import { expect, shippedModels, test } from './support/fixtures';
import { atRest, drawLine, greyLevelsOf, openPage, settled, shown, upload } from './support/page';
import { withCard } from './support/safetensors';

test.use({ trace: 'off' });

/** How the built-in digits lie, about. */
const FRAMING = {
  ground: 0,
  ground_share: 0.45,
  extent: { least: 14, median: 21, greatest: 24 },
  row: { least: 11, median: 14, greatest: 17 },
  column: { least: 11, median: 14, greatest: 17 },
};

const digits = shippedModels.find(({ group }) => group.startsWith('builtin'))!;
const framing = (framing: unknown) => withCard(readFileSync(digits.path), (card) => ({ ...card, framing }));

/** Opens the page with the digits' model of a card that says how the training images lie, or does not. */
async function openWith(page: Page, site: string, how: unknown, hash = 'image=empty'): Promise<void> {
  await openPage(page, site, hash, 'gamma');
  const file = { name: 'mine.safetensors', mimeType: 'application/octet-stream', buffer: framing(how) };
  await page.locator('#model-file').setInputFiles(file);
  await expect(page).toHaveURL(/model=own\.mine/);
  await atRest(page, 'draw');
}

const note = (page: Page) => page.locator('#canvas-note');
const seen = async (page: Page) => (await greyLevelsOf(page, '#preview'))[0] ?? [];
/** What is on the canvas, one pixel for each of the model's. */
const onCanvas = async (page: Page) =>
  ((await greyLevelsOf(page, '#canvas'))[0] ?? []).filter((_, i) => i % 10 === 5 && Math.floor(i / 280) % 10 === 5);

/** Waits until what the model sees rests, and returns it. */
async function rested(page: Page): Promise<number[]> {
  await settled(page, 'draw');
  return seen(page);
}

/** A seven of 2.5 pixels' strokes on a sheet of 28, at a place and a size on a larger sheet, as shares of full ink. */
function seven(side: number, left: number, top: number, scale: number): number[] {
  const distance = (x: number, y: number, [ax, ay]: number[], [bx, by]: number[]) => {
    const [dx, dy] = [bx! - ax!, by! - ay!];
    const t = Math.min(1, Math.max(0, ((x - ax!) * dx + (y - ay!) * dy) / (dx * dx + dy * dy)));
    return Math.hypot(x - ax! - t * dx, y - ay! - t * dy);
  };
  const [a, b, c] = [
    [8, 5],
    [20, 5],
    [12, 23],
  ] as const;
  return Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [((i % side) + 0.5 - left) / scale, (Math.floor(i / side) + 0.5 - top) / scale];
    const far = Math.min(distance(x, y, [...a], [...b]), distance(x, y, [...b], [...c]));
    return Math.min(1, Math.max(0, (1.25 - far) * scale + 0.5));
  });
}

/** The seven in black ink on paper that is lit from one side. */
function onPaper(): Buffer {
  const side = 140;
  const ink = seven(side, 60, 24, 2.5);
  return greyPng(side, side, Buffer.from(ink.map((share, i) => (150 + 0.5 * (i % side)) * (1 - 0.7 * share))));
}

/** The seven as the training images have one. */
const plain = () => greyPng(28, 28, Buffer.from(seven(28, -1.2, 3.4, 1).map((share) => Math.round(255 * share))));

test('ink on shaded paper is classified as the drawing itself, and as it is where that is asked for', async ({
  page,
  site,
}) => {
  await openWith(page, site, FRAMING);
  await upload(page, 'seven.png', plain());
  await expect(note(page)).toHaveText(text.own);
  await expect(page.locator('#as-is-field')).toBeHidden();
  await settled(page, 'draw');
  const drawing = await shown(page);
  const wanted = await seen(page);
  const named = await page.locator('#prediction').textContent();

  await upload(page, 'paper.png', onPaper());
  await expect(note(page)).toHaveText(
    /^Turned light on dark, enlarged 2\.\d times, centred, as its training images are\.$/,
  );
  const framed = await rested(page);
  const off = framed.reduce((sum, level, i) => sum + Math.abs(level - wanted[i]!), 0);
  expect(off / wanted.reduce((sum, level) => sum + level, 0)).toBeLessThan(0.3);
  expect(await onCanvas(page)).toEqual(framed);
  expect((await page.locator('#prediction').textContent())?.split(' (')[0]).toBe(named?.split(' (')[0]);
  const { posterior } = await shown(page);
  expect(posterior.indexOf(Math.max(...posterior))).toBe(drawing.posterior.indexOf(Math.max(...drawing.posterior)));

  // As it is: light ground, dark ink.
  await page.locator('#as-is').check();
  await expect(note(page)).toHaveText(text.asItIs);
  const asItIs = await rested(page);
  expect(asItIs[0]).toBeGreaterThan(140);
  expect(await onCanvas(page)).toEqual(asItIs);
  await expect(page).toHaveURL(/~as-is/);

  // Both survive in the address.
  const { hash } = new URL(page.url());
  const address = hash.slice(1).replace(/(^|&)model=[^&]*/, '');
  await openWith(page, site, FRAMING, address);
  expect(await rested(page)).toEqual(asItIs);
  await expect(page.locator('#as-is')).toBeChecked();
  await page.locator('#as-is').uncheck();
  await expect(note(page)).toHaveText(/^Turned light on dark, enlarged 2/);
  expect(await rested(page)).toEqual(framed);
  await page.locator('#undo').click();
  await expect(note(page)).toHaveText(text.asItIs);
  expect(await rested(page)).toEqual(asItIs);
});

test('a small digit in a corner is framed when it is drawn, and drawn on as it was', async ({ page, site }) => {
  await openWith(page, site, FRAMING);
  // Enlarging makes the strokes wider, too.
  await page.locator('#brush-size').fill('1.25');
  await drawLine(page, [0.56, 0.1], [0.88, 0.1]);
  await drawLine(page, [0.88, 0.1], [0.7, 0.46]);
  await expect(note(page)).toHaveText(/^Enlarged \d\.\d times, centred, as its training images are\.$/);
  const framed = await rested(page);
  const mass = framed.reduce((sum, level) => sum + level, 0);
  const centre = (axis: (i: number) => number) =>
    framed.reduce((sum, level, i) => sum + level * (axis(i) + 0.5), 0) / mass;
  expect(Math.abs(centre((i) => i % 28) - 14)).toBeLessThan(1);
  expect(Math.abs(centre((i) => Math.floor(i / 28)) - 14)).toBeLessThan(1);
  const { posterior } = await shown(page);
  expect(posterior.indexOf(Math.max(...posterior))).toBe(7);

  // Under the hand is what was drawn, else what the model sees.
  const drawn = await onCanvas(page);
  const lowerLeft = (image: number[]) => image.filter((_, i) => i % 28 < 14 || i >= 14 * 28);
  expect(Math.max(...lowerLeft(drawn))).toBe(0);
  await page.mouse.move(1, 1);
  await expect.poll(() => onCanvas(page)).toEqual(framed);
  await page.locator('#canvas').hover({ position: { x: 10, y: 10 } });
  await expect.poll(() => onCanvas(page)).toEqual(drawn);
  await drawLine(page, [0.66, 0.25], [0.9, 0.25]);
  await settled(page, 'draw');
  const more = await onCanvas(page);
  expect(Math.max(...lowerLeft(more))).toBe(0);
  expect(more.reduce((a, b) => a + b, 0)).toBeGreaterThan(drawn.reduce((a, b) => a + b, 0));

  await page.locator('#as-is').check();
  expect(Math.max(...lowerLeft(await rested(page)))).toBe(0);
  // The next image is framed again.
  await page.locator('#clear').click();
  await expect(note(page)).toHaveText(text.empty);
  await expect(page.locator('#as-is-field')).toBeHidden();
});

test('what has no plain ground, what the model made, and models that do not say how are left alone', async ({
  page,
  site,
}) => {
  await openWith(page, site, FRAMING);
  const noise = Buffer.from(Array.from({ length: 784 }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 13) & 255));
  await upload(page, 'noise.png', greyPng(28, 28, noise));
  await expect(note(page)).toHaveText(text.noGround);
  await expect(page.locator('#as-is-field')).toBeHidden();
  expect(await rested(page)).toEqual([...noise]);
  await page.locator('#take-sample').click();
  await expect(note(page)).toContainText('by the model');
  await expect(page.locator('#as-is-field')).toBeHidden();

  await openWith(page, site, undefined);
  await upload(page, 'paper.png', onPaper());
  await expect(note(page)).toHaveText(text.own);
  await expect(page.locator('#as-is-field')).toBeHidden();
  expect((await rested(page))[0]).toBeGreaterThan(140);
});

test('pictures of the table are framed, unless they are to be taken as they are', async ({ page, site }) => {
  await openWith(page, site, FRAMING);
  const files = { name: 'paper.png', mimeType: 'image/png', buffer: onPaper() };
  await page.locator('#pictures-files').setInputFiles([files]);
  const first = async () => (await greyLevelsOf(page, '#pictures-table canvas'))[0]?.[0];
  await expect.poll(first).toBe(0);
  await page.getByLabel('Framed as its training images').uncheck();
  await expect.poll(first).toBeGreaterThan(140);
  // It comes on the canvas as the table has it, and can be framed there.
  await settled(page, 'pictures');
  await page.locator('#pictures-table tbody button').click();
  await expect(note(page)).toHaveText(text.asItIs);
  await page.locator('#as-is').uncheck();
  await expect(note(page)).toHaveText(/^Turned light on dark/);
});

test('what was done is said in words', () => {
  expect(text.framed(true, true, 2.14)).toBe(
    'Turned light on dark, enlarged 2.1 times, centred, as its training images are.',
  );
  expect(text.framed(true, false, 0.62)).toBe(
    'Turned dark on light, made smaller, to 62 %, centred, as its training images are.',
  );
  expect(text.framed(false, true, 1.02)).toBe('Centred, as its training images are.');
});
