// The built page as a visitor sees it: waiting until it is at rest, and reading what it shows.

import { expect, type Page } from '@playwright/test';
import { gridImages } from './png';
import { largestDifference } from './numbers';

/** The views of the page that work, and say so. */
const VIEWS = ['gamma', 'draw', 'sample', 'interpolate', 'map', 'occlusion', 'plane'];

/** Opens the page with a part of the address after `#`, and waits until a view is at rest; all of them if none is named. */
export async function openPage(page: Page, site: string, hash = '', view?: string): Promise<void> {
  // A page that differs from the open one in the hash alone would not be loaded anew.
  await page.goto('about:blank');
  await page.goto(`${site}#${hash}`);
  await atRest(page, view);
}

/**
 * Waits until the model that is wanted runs and a view has nothing left to do; all of them if none is named. Views work
 * only while they are in sight, so each is scrolled to.
 */
export async function atRest(page: Page, view?: string): Promise<void> {
  await expect(page.locator('#adapter')).toHaveText(/^Running on/);
  for (const name of view === undefined ? VIEWS : [view]) {
    await page.locator(`#${name}`).evaluate((element) => element.scrollIntoView());
    await settled(page, name);
  }
}

/** Waits until a view that is in sight has nothing left to do. */
export async function settled(page: Page, view: string): Promise<void> {
  await expect(page.locator(`#${view}`)).toHaveAttribute('data-busy', 'false');
}

/** Lets the page, once it is opened, spare the visitor all bytes but those of the model that is wanted. */
export async function saveData(page: Page): Promise<void> {
  await page.addInitScript(() => Object.defineProperty(navigator, 'connection', { value: { saveData: true } }));
}

/** The files of the models that the browser has kept for the page. */
export function keptModels(page: Page): Promise<(string | undefined)[]> {
  return page.evaluate(async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith('ibinn-models'));
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map(({ url }) => new URL(url).pathname.split('/').at(-1));
  });
}

/** Draws a straight stroke on the canvas with the mouse, between places given by shares of its sides. */
export async function drawLine(page: Page, from: [number, number], to: [number, number]): Promise<void> {
  await page.locator('#canvas').scrollIntoViewIfNeeded();
  const box = (await page.locator('#canvas').boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const at = ([x, y]: [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at(to), { steps: 8 });
  await page.mouse.up();
}

/** The grey levels of canvases, from 0 to 255. Runs in a page, of either browser. */
export function levels(canvases: readonly Element[]): number[][] {
  return canvases.map((canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const context = (canvas as HTMLCanvasElement).getContext('2d');
    const { data } = context?.getImageData(0, 0, width, height) ?? { data: [] };
    return Array.from(data).filter((_, i) => i % 4 === 0);
  });
}

/** The grey levels of the canvases that a selector finds, from 0 to 255. */
export function greyLevelsOf(page: Page, selector: string): Promise<number[][]> {
  return page.locator(selector).evaluateAll(levels);
}

/** Expects canvases to show the images of a grid that the trainer wrote, but for the rounding of single pixels. */
export async function expectImages(page: Page, selector: string, wanted: Buffer): Promise<void> {
  await expect(async () => {
    const canvases = page.locator(selector);
    const { width, height } = await canvases.first().evaluate((canvas) => {
      const { width, height } = canvas as HTMLCanvasElement;
      return { width, height };
    });
    const images = await gridImages(page, wanted, { channels: 3, height, width });
    const shown = await canvases.evaluateAll(colours);
    expect(shown.length).toBe(images.length);
    expect(largestDifference(shown.flat(), images.flat())).toBeLessThanOrEqual(1);
  }).toPass();
}

/** Red, then green, then blue levels of canvases, from 0 to 255. Runs in a page. */
function colours(canvases: readonly Element[]): number[][] {
  return canvases.map((canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const context = (canvas as HTMLCanvasElement).getContext('2d');
    const data = Array.from(context?.getImageData(0, 0, width, height).data ?? []);
    return [0, 1, 2].flatMap((channel) => data.filter((_, i) => i % 4 === channel));
  });
}

/** What the page says of the image on the canvas. */
export interface Shown {
  /** Probability of each class. */
  posterior: number[];
  /** log q(x′) in nats, to one digit after the point. */
  logLikelihood: number;
  /** Bits per dimension, to two digits after the point. */
  bitsPerDim: number;
}

/** Reads what the page says of the image on the canvas. */
export async function shown(page: Page): Promise<Shown> {
  const posterior = await page
    .locator('#bars .bar-fill')
    .evaluateAll((fills) => fills.map((fill) => Number((fill as HTMLElement).style.getPropertyValue('--share'))));
  const read = async (id: string, pattern: RegExp) => {
    const text = (await page.locator(id).textContent()) ?? '';
    return Number(pattern.exec(text)?.[1]?.replaceAll(',', '').replace('−', '-'));
  };
  return {
    posterior,
    logLikelihood: await read('#bits-more', /log-likelihood (−?[\d,.]+) nats/),
    bitsPerDim: await read('#bits', /(−?[\d.]+) bits\/dim/),
  };
}

/** Waits until the page has classified an image of which it says what `wanted` does. */
export async function expectShown(page: Page, wanted: { logits: number[]; logLikelihood: number }): Promise<void> {
  const largest = Math.max(...wanted.logits);
  const weights = wanted.logits.map((logit) => Math.exp(logit - largest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  await expect(async () => {
    const { posterior, logLikelihood } = await shown(page);
    expect(
      largestDifference(
        posterior,
        weights.map((weight) => weight / total),
      ),
    ).toBeLessThan(1e-3);
    expect(Math.abs(logLikelihood - wanted.logLikelihood)).toBeLessThan(0.06 + 1e-4 * Math.abs(wanted.logLikelihood));
  }).toPass();
}

/** Puts a file on the canvas, as by the upload button. */
export async function upload(page: Page, name: string, buffer: Buffer): Promise<void> {
  await page.locator('#file').setInputFiles({ name, mimeType: 'image/png', buffer });
}

/** Leaves what was put on the canvas as it is, as the trainer takes pictures, where the model would have it framed. */
export async function leaveAsItIs(page: Page): Promise<void> {
  await settled(page, 'draw');
  if (await page.locator('#as-is-field').isVisible()) await page.locator('#as-is').check();
}

/** What the page hands over for download when a button is pressed. */
export async function download(page: Page, button: string): Promise<{ name: string; path: string }> {
  const saving = page.waitForEvent('download');
  await page.locator(button).click();
  const saved = await saving;
  return { name: saved.suggestedFilename(), path: await saved.path() };
}
