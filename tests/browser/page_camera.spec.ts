// The camera: one that the browser makes up.

import type { Page } from '@playwright/test';
import { withCamera } from './support/chromium';
import { expect, test } from './support/fixtures';
import { atRest, greyLevelsOf, openPage, settled } from './support/page';

test.use({ launchOptions: withCamera });

declare global {
  /** The camera's streams that the page has asked for, and the question whether it may, once it is answered. */
  var camera: { streams: MediaStream[]; allow: () => void };
}

/** Lets the page, which is opened afterwards, wait for an answer whenever it asks for the camera. */
async function askForCamera(page: Page): Promise<void> {
  await page.addInitScript(() => {
    // The empty page that comes first is offered no cameras.
    if (!('mediaDevices' in navigator)) return;
    let allow = () => {};
    const allowed = new Promise<void>((resolve) => (allow = resolve));
    globalThis.camera = { streams: [], allow };
    const open = MediaDevices.prototype.getUserMedia;
    MediaDevices.prototype.getUserMedia = async function (...how) {
      const stream = await Reflect.apply(open, this, how);
      globalThis.camera.streams.push(stream);
      await allowed;
      return stream;
    };
  });
}

/** For each stream that the page has asked for, whether the camera goes on working for it. */
function live(page: Page): Promise<boolean[]> {
  return page.evaluate(() =>
    camera.streams.map((stream) => stream.getTracks().some(({ readyState }) => readyState === 'live')),
  );
}

test('the camera shows on the canvas what it sees, until a picture is kept', async ({ page, site }) => {
  await openPage(page, site, '', 'draw');
  const [before] = await greyLevelsOf(page, '#preview');
  const buttons = () =>
    page.locator('.easel .buttons').evaluateAll((rows) => rows.map((row) => (row as HTMLElement).offsetTop));
  const places = await buttons();
  await page.locator('#camera').click();
  await expect(page.locator('#camera')).toHaveText('Keep it');
  expect(await buttons()).toEqual(places);
  await expect(page.locator('#canvas-note')).toHaveText('What the camera sees.');
  await expect(async () => expect((await greyLevelsOf(page, '#preview'))[0]).not.toEqual(before)).toPass();
  const [moving] = await greyLevelsOf(page, '#preview');
  await expect(async () => expect((await greyLevelsOf(page, '#preview'))[0]).not.toEqual(moving)).toPass();
  await page.locator('#camera').click();
  await expect(page.locator('#camera')).toHaveText('Camera');
  await expect(page).toHaveURL(/image=image_/);
  await expect(page.locator('#canvas-note')).not.toHaveText('What the camera sees.');
  const [kept] = await greyLevelsOf(page, '#preview');
  await page.waitForTimeout(400);
  expect((await greyLevelsOf(page, '#preview'))[0]).toEqual(kept);
});

test('a picture is kept as it was seen, disturbed once', async ({ page, site }) => {
  await openPage(page, site, 'image=empty&corruption=90_0_0_0_0_0', 'draw');
  await page.locator('#camera').click();
  await expect(async () =>
    expect(Math.max(...((await greyLevelsOf(page, '#preview'))[0] ?? []))).toBeGreaterThan(0),
  ).toPass();
  await page.locator('#camera').click();
  await expect(page).toHaveURL(/image=image_/);
  await settled(page, 'draw');
  const kept = /image=image_([\w-]+)/.exec(page.url())?.[1] ?? '';
  expect((await greyLevelsOf(page, '#preview'))[0]).toEqual([...Buffer.from(kept, 'base64url')]);
  await expect(page.locator('#disturb-rotation')).toHaveValue('0');
});

test('while the camera runs, an end is what it sees, and another model leaves it on the canvas', async ({
  page,
  site,
}) => {
  await openPage(page, site, 'image=empty', 'draw');
  await page.locator('#camera').click();
  await expect(async () =>
    expect(Math.max(...((await greyLevelsOf(page, '#preview'))[0] ?? []))).toBeGreaterThan(0),
  ).toPass();
  await page.locator('#canvas-a').click();
  await expect(page).toHaveURL(/[#&]a=image_/);
  const said = 'Now end A of the interpolation.';
  await expect(page.locator('#canvas-note')).toHaveText(said);
  await page.locator('#dial').fill('0');
  await atRest(page, 'draw');
  await expect(page.locator('#camera')).toHaveText('Keep it');
  await expect(page.locator('#canvas-note')).toHaveText(said);
});

test('out of sight, the page lets go of the camera and has its image again', async ({ page, site }) => {
  await openPage(page, site, '', 'draw');
  const [before] = await greyLevelsOf(page, '#preview');
  const note = (await page.locator('#canvas-note').textContent()) ?? '';
  await page.locator('#camera').click();
  await expect(async () => expect((await greyLevelsOf(page, '#preview'))[0]).not.toEqual(before)).toPass();
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await expect(page.locator('#camera')).toHaveText('Camera');
  await expect(page.locator('#canvas-note')).toHaveText(note);
  await expect(async () => expect((await greyLevelsOf(page, '#preview'))[0]).toEqual(before)).toPass();
});

test('whoever presses twice while the browser asks has one camera', async ({ page, site }) => {
  await askForCamera(page);
  await openPage(page, site, '', 'draw');
  await page.locator('#camera').click();
  await page.locator('#camera').click();
  await expect.poll(() => live(page)).toEqual([true, true]);
  await page.evaluate(() => camera.allow());
  await expect(page.locator('#camera')).toHaveText('Keep it');
  await expect.poll(async () => (await live(page)).filter(Boolean).length).toBe(1);
});

test('an image that is chosen while the browser asks keeps the camera off', async ({ page, site }) => {
  await askForCamera(page);
  await openPage(page, site, '', 'draw');
  await page.locator('#camera').click();
  await expect.poll(() => live(page)).toEqual([true]);
  await page.locator('#clear').click();
  await page.evaluate(() => camera.allow());
  await expect.poll(() => live(page)).toEqual([false]);
  await expect(page.locator('#camera')).toHaveText('Camera');
});
