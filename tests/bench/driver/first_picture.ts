// How long a visitor waits: from navigation to the first sampled picture, what is fetched until then, and how long the main
// thread is held up, then and while a hundred images are sampled.

import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { serve } from './server.js';
import { median } from './statistics.js';

const VISITS = 9;
const PATIENCE_MS = 60_000;
/** What hosts send compressed. */
const COMPRESSED = ['.html', '.js', '.css', '.json', '.svg', '.wasm'];

/** What a visit to the page costs; times in ms. */
export interface FirstPicture {
  visits: number;
  /** From navigation to the first picture on a canvas. */
  medianMs: number;
  leastMs: number;
  /** The longest task of the main thread until then; 0 when none took 50 ms. */
  longestTaskMs: number;
  /** Of all that is sent until the first picture, as hosts compress it. */
  bytes: number;
  /** The longest task of the main thread while a hundred images are sampled and shown; 0 when none took 50 ms. */
  samplingLongestTaskMs: number;
  /** From the press of the button until all hundred are shown. */
  samplingMs: number;
  /** The wasm that the page loaded, in bytes. */
  wasm: { file: string; bytes: number; gzip: number }[];
}

interface Seen {
  pictureMs?: number;
  longestTaskMs: number;
}

declare global {
  /** What the page did, as the benchmark sees it. */
  var seen: Seen;
}

/** Watches for the first picture that is not of one colour, and for long tasks. Runs in the page, before its own scripts. */
function watch(): void {
  globalThis.seen = { longestTaskMs: 0 };
  const put = CanvasRenderingContext2D.prototype.putImageData;
  const watched = function (this: CanvasRenderingContext2D, ...args: unknown[]) {
    const { data } = args[0] as ImageData;
    const picture = this.canvas.classList.contains('image') && data.some((value, i) => i >= 4 && value !== data[i % 4]);
    if (picture) {
      globalThis.seen.pictureMs ??= performance.now();
    }
    return Reflect.apply(put, this, args);
  };
  CanvasRenderingContext2D.prototype.putImageData = watched as typeof put;
  new PerformanceObserver((list) => {
    const durations = list.getEntries().map(({ duration }) => duration);
    globalThis.seen.longestTaskMs = Math.max(globalThis.seen.longestTaskMs, ...durations);
  }).observe({ type: 'longtask', buffered: true });
}

/** Visits the built site again and again, each time as a stranger, with nothing kept. */
export async function firstPicture(browser: Browser, site: string): Promise<FirstPicture> {
  const server = await serve({ '/': site }, { isolated: false });
  const pictures: number[] = [];
  const tasks: number[] = [];
  const samplings: Sampling[] = [];
  let files: string[] = [];
  for (let visit = 0; visit < VISITS; visit++) {
    const context = await browser.newContext({ serviceWorkers: 'block' });
    const page = await context.newPage();
    await page.addInitScript(watch);
    await page.goto(`${server.origin}/`);
    await page.waitForFunction(() => globalThis.seen.pictureMs !== undefined, undefined, { timeout: PATIENCE_MS });
    const { pictureMs = NaN, longestTaskMs } = await page.evaluate(() => globalThis.seen);
    pictures.push(pictureMs);
    tasks.push(longestTaskMs);
    const sent = server.sent();
    files = files.length > 0 ? files : sent;
    samplings.push(await sampleHundred(page));
    server.sent();
    await context.close();
  }
  server.stop();
  return {
    visits: VISITS,
    medianMs: median(pictures),
    leastMs: Math.min(...pictures),
    longestTaskMs: median(tasks),
    bytes: files.reduce((sum, file) => sum + bytesSent(file), 0),
    samplingLongestTaskMs: median(samplings.map(({ longestTaskMs }) => longestTaskMs)),
    samplingMs: median(samplings.map(({ ms }) => ms)),
    wasm: files
      .filter((file) => file.endsWith('.wasm'))
      .map((file) => {
        const bytes = readFileSync(file);
        return {
          file: file.slice(join(site, '/').length),
          bytes: bytes.length,
          gzip: gzipSync(bytes, { level: 9 }).length,
        };
      }),
  };
}

interface Sampling {
  ms: number;
  longestTaskMs: number;
}

/** Draws ten samples of each class anew, as the button does. */
async function sampleHundred(page: Page): Promise<Sampling> {
  await page.locator('#sample').evaluate((view) => view.scrollIntoView());
  const drawn = () =>
    page.waitForFunction(
      () => {
        const [grid, status] = ['grid', 'sample-status'].map((id) => document.getElementById(id));
        return grid?.getAttribute('aria-busy') === 'false' && /^100 /.test(status?.textContent ?? '');
      },
      undefined,
      { timeout: PATIENCE_MS },
    );
  await drawn();
  const started = await page.evaluate(() => {
    globalThis.seen.longestTaskMs = 0;
    const now = performance.now();
    document.getElementById('new-seed')?.click();
    return now;
  });
  await page.waitForFunction(() => document.getElementById('grid')?.getAttribute('aria-busy') === 'true', undefined, {
    timeout: PATIENCE_MS,
    polling: 'raf',
  });
  await drawn();
  return page.evaluate(
    (started) => ({ ms: performance.now() - started, longestTaskMs: globalThis.seen.longestTaskMs }),
    started,
  );
}

function bytesSent(file: string): number {
  const bytes = readFileSync(file);
  return COMPRESSED.includes(extname(file)) ? gzipSync(bytes).length : bytes.length;
}
