// The trainer's report in a real browser: it holds what it shows, fits the screen and follows the system's colours.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@playwright/test';
import { trainer } from './support/environment';

const QUICK = ['--preset', 'tiny', '--train-images', '512', '--batch', '64', '--epochs', '1', '--warm-up', '2'];
const TRAIN = ['train', ...QUICK, '--batch-norm-batches', '4', '--backend', 'cpu', '--json'];

let folder: string;

test.beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibinn-report-'));
  const run = join(folder, 'run');
  const evaluate = ['--ood', 'noise', 'builtin-letters', '--limit', '300', '--bootstrap', '40', '--json'];
  call(...TRAIN, '--out', run);
  call('evaluate', '--full', join(run, 'model.safetensors'), ...evaluate, '--out', join(run, 'evaluation.json'));
  call('report', run, '--out', join(folder, 'report.html'));
});

test.afterAll(() => rmSync(folder, { recursive: true }));

function call(...args: string[]): void {
  execFileSync(trainer, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

for (const width of [360, 1280]) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`${width} pixels wide and ${colorScheme}`, async ({ browser }) => {
      const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
      const page = await context.newPage();
      const faults: string[] = [];
      page.on('console', (message) => faults.push(message.text()));
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('request', (request) => {
        if (!/^(file|data):/.test(request.url())) {
          faults.push(`asked for ${request.url()}`);
        }
      });
      await page.goto(pathToFileURL(join(folder, 'report.html')).href);
      const headings = await page.getByRole('heading', { level: 3 }).allTextContents();
      expect(headings).toEqual(
        expect.arrayContaining(['Training', 'Calibration', 'Out of distribution', 'Latent space', 'Samples']),
      );
      const found = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        const pictures = Array.from(document.querySelectorAll('svg image'), (image) => image.getBoundingClientRect());
        const rgb = /\d+(\.\d+)?/g;
        const grey = (colour: string) =>
          (colour.match(rgb) ?? []).slice(0, 3).reduce((sum, v) => sum + Number(v), 0) / 3;
        const style = (element: Element) => getComputedStyle(element);
        const drawn = document.querySelector('figure svg text');
        return {
          overflow: scrollWidth - clientWidth,
          pictures: pictures.length,
          shown: pictures.every(({ width, height }) => width > 5 && height > 5),
          ground: grey(style(document.documentElement).backgroundColor),
          words: grey(style(document.body).color),
          drawn: drawn && grey(style(drawn).fill),
        };
      });
      expect(found.overflow).toBe(0);
      expect(found.pictures).toBe(2 * 10 * 10);
      expect(found.shown).toBe(true);
      const [darker, lighter] = colorScheme === 'dark' ? [found.ground, found.words] : [found.words, found.ground];
      expect(darker).toBeLessThan(60);
      expect(lighter).toBeGreaterThan(200);
      expect(Math.abs((found.drawn ?? NaN) - found.words)).toBeLessThan(1);
      expect(faults).toEqual([]);
      await context.close();
    });
  }
}
