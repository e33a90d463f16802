// What the page costs: bytes until the first picture, what moves meanwhile, and how long the main thread is held up.

import { expect, shippedModels, test } from './support/fixtures';
import { atRest, keptModels, openPage, saveData, settled } from './support/page';

test('the first picture takes less than 3 MB, and nothing moves on the way', async ({ page, site }) => {
  // The rest of the group would come on top where the first picture takes long.
  await saveData(page);
  await page.addInitScript(() => {
    const seen = { shift: 0 };
    Object.assign(globalThis, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
        if (!entry.hadRecentInput) seen.shift += entry.value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  let bytes = 0;
  page.on('response', async (response) => {
    if (response.fromServiceWorker()) return;
    bytes += Number(await response.headerValue('content-length').catch(() => 0));
  });
  await page.goto(site);
  await atRest(page, 'gamma');
  await expect.poll(() => bytes).toBeGreaterThan(1e6);
  expect(bytes).toBeLessThan(3e6);
  const shift = await page.evaluate(() => (globalThis as unknown as { seen: { shift: number } }).seen.shift);
  expect(shift).toBeLessThan(0.01);
});

test('sampling 100 images leaves the main thread to the visitor', async ({ page, site }) => {
  await openPage(page, site, '', 'sample');
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { tasks });
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
    });
  });
  await page.locator('#new-seed').click();
  await settled(page, 'sample');
  await expect(page.locator('#sample-status')).toHaveText(/^100 samples in/);
  const tasks = await page.evaluate(() => (globalThis as unknown as { tasks: number[] }).tasks);
  // No time is asserted, as machines differ; a person reads it.
  console.log(
    `long tasks of the main thread while 100 images are sampled: ${tasks.map(Math.round).join(', ') || 'none'} ms`,
  );
});

test('a model comes from what the browser kept when it is asked for again', async ({ page, site }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await saveData(page);
  await openPage(page, site, `model=${shippedModels[0]?.name}`, 'gamma');
  const models = () => asked.filter((url) => url.includes(shippedModels[0]?.file ?? '?')).length;
  expect(models()).toBe(1);
  // Keeping a file may go on for a while after the model runs.
  await expect.poll(() => keptModels(page)).toEqual([shippedModels[0]?.file]);
  await openPage(page, site, `model=${shippedModels[0]?.name}`, 'gamma');
  expect(models()).toBe(1);
});
