// How long a visitor waits: from navigation to the first sampled picture, and how long the main thread is held up meanwhile.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { serve } from './server.js';
import { median } from './statistics.js';

const VISITS = 9;
const PATIENCE_MS = 60_000;

/** What a visit to the page costs; times in ms. */
export interface FirstPicture {
  visits: number;
  /** From navigation to the first picture on a canvas. */
  medianMs: number;
  leastMs: number;
  /** The longest task of the main thread until then; 0 when none took 50 ms. */
  longestTaskMs: number;
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
  for (let visit = 0; visit < VISITS; visit++) {
    const context = await browser.newContext({ serviceWorkers: 'block' });
    const page = await context.newPage();
    await page.addInitScript(watch);
    await page.goto(`${server.origin}/`);
    await page.waitForFunction(() => globalThis.seen.pictureMs !== undefined, undefined, { timeout: PATIENCE_MS });
    const { pictureMs = NaN, longestTaskMs } = await page.evaluate(() => globalThis.seen);
    pictures.push(pictureMs);
    tasks.push(longestTaskMs);
    await context.close();
  }
  const files = server.sent().filter((file) => file.endsWith('.wasm'));
  server.stop();
  return {
    visits: VISITS,
    medianMs: median(pictures),
    leastMs: Math.min(...pictures),
    longestTaskMs: median(tasks),
    wasm: files.map((file) => {
      const bytes = readFileSync(file);
      return { file: file.slice(join(site, '/').length), bytes: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
    }),
  };
}
