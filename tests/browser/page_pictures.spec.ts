// Many pictures at once: a table, sorted by strangeness, and a file of it.

import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Page } from '@playwright/test';
import { greyPng } from './support/made_png';
import { expect, shippedModels, test } from './support/fixtures';
import { atRest, download, openPage, settled } from './support/page';

test.use({ trace: 'off' });

const model = shippedModels[0]!;

/** The grey levels of the first drawing of each class on the stage. */
async function drawings(page: Page): Promise<number[][]> {
  return page.locator('#stage-grid .row').evaluateAll((rows) =>
    rows.map((row) => {
      const canvas = row.querySelector('canvas')!;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return Array.from(data).filter((_, i) => i % 4 === 0);
    }),
  );
}

const file = (name: string, buffer: Buffer) => ({ name, mimeType: 'image/png', buffer });
const noise = Buffer.from(Array.from({ length: 784 }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 13) & 255));

test('pictures become a table, the strangest first, and a file', async ({ page, site }) => {
  await openPage(page, site, '', 'gamma');
  const own = (await drawings(page)).map((levels, k) => file(`own-${k}.png`, greyPng(28, 28, Buffer.from(levels))));
  await page
    .locator('#pictures-files')
    .setInputFiles([...own, file('noise, "grey".png', greyPng(28, 28, noise)), file('broken.png', Buffer.from('no'))]);
  await expect(page.locator('#pictures-status')).toContainText('1 file could not be read');
  await settled(page, 'pictures');
  const rows = page.locator('#pictures-table tbody tr');
  await expect(rows).toHaveCount(own.length + 2);
  await expect(rows.first()).toContainText('noise, "grey".png');
  await expect(rows.first()).toContainText('None of these');
  await expect(rows.last()).toContainText('is not an image that this browser can read');
  const p = (await rows.locator('td:nth-child(6)').allTextContents()).slice(0, -1).map((text) => parseFloat(text));
  expect(p).toEqual([...p].sort((a, b) => a - b));

  const { name, path } = await download(page, '#pictures-save');
  expect(name).toBe('predictions.csv');
  const lines = readFileSync(path, 'utf8').trimEnd().split('\r\n');
  expect(lines[0]).toBe(
    [
      'file,prediction,probability,bits_per_dim,typicality,novelty,novelty_p,verdict',
      ...model.classes.map((c) => `posterior:${c}`),
      'error',
    ].join(','),
  );
  expect(lines).toHaveLength(own.length + 3);
  expect(lines.find((line) => line.startsWith('"noise, ""grey"".png"'))).toContain('none-of-these');

  // A row leads to the canvas.
  await rows.nth(1).getByRole('button').click();
  await expect(page.locator('#canvas')).toBeInViewport();
  await expect(page).toHaveURL(/image=image_/);
});

test('they are looked at again by another model, and can be cancelled', async ({ page, site }) => {
  await openPage(page, site, '', 'gamma');
  const many = Array.from({ length: 400 }, (_, i) => file(`${i}.png`, greyPng(28, 28, noise)));
  await page.locator('#pictures-files').setInputFiles(many);
  await page.locator('#pictures-cancel').click();
  await expect(page.locator('#pictures-status')).toContainText('Cancelled: ');
  await settled(page, 'pictures');
  const count = await page.locator('#pictures-table tbody tr').count();
  expect(count).toBeLessThan(400);

  await page.locator('#pictures-files').setInputFiles(many.slice(0, 3));
  await expect(page.locator('#pictures-status')).toContainText('3 pictures');
  const bits = () => page.locator('#pictures-table tbody td:nth-child(5)').first().textContent();
  const before = await bits();
  await page.locator('#dial').press('End');
  await atRest(page, 'pictures');
  await expect.poll(bits).not.toBe(before);
});

test('several pictures that are dropped go to the table, a single one to the canvas', async ({ page, site }) => {
  await openPage(page, site, '', 'gamma');
  await page.locator('#card').evaluate(
    (target, bytes) => {
      const data = new DataTransfer();
      for (const name of ['a.png', 'b.png'])
        data.items.add(new File([new Uint8Array(bytes)], name, { type: 'image/png' }));
      target.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    },
    Array.from(greyPng(28, 28, noise)),
  );
  await expect(page.locator('#pictures-table tbody tr')).toHaveCount(2);
  await expect(page.locator('#pictures')).toBeInViewport();
});

/** A file of a test set: bytes in as many dimensions. */
function idx(sizes: readonly number[], bytes: Buffer): Buffer {
  const head = Buffer.alloc(4 + 4 * sizes.length);
  head.writeUInt32BE(0x0800 + sizes.length);
  sizes.forEach((size, i) => head.writeUInt32BE(size, 4 + 4 * i));
  return Buffer.concat([head, bytes]);
}

test('a test set becomes a table with its mistakes first', async ({ page, site }) => {
  await openPage(page, site, '', 'gamma');
  const own = await drawings(page);
  // Drawings of every class, two of which have the label of another one.
  const labels = own.map((_, k) => (k === 2 || k === 5 ? k + 1 : k));
  const images = idx([own.length, 28, 28], Buffer.from(own.flat()));
  const files = [
    { name: 't10k-images-idx3-ubyte.gz', mimeType: 'application/gzip', buffer: gzipSync(images) },
    { name: 't10k-labels-idx1-ubyte', mimeType: '', buffer: idx([labels.length], Buffer.from(labels)) },
  ];
  await page.locator('#pictures-files').setInputFiles(files);
  await expect(page.locator('#pictures-status')).toContainText('2 of 10 (20.00 %) are taken for another class');
  await settled(page, 'pictures');
  const rows = page.locator('#pictures-table tbody tr');
  await expect(rows).toHaveCount(own.length);
  const names = await rows.locator('.file').allTextContents();
  expect(names.slice(0, 2).sort()).toEqual(['Test image 2', 'Test image 5']);
  await expect(page.locator('.mistaken')).toHaveCount(2);
  await expect(rows.locator('.label')).toHaveCount(own.length);

  const only = (buffer: Buffer, name = 'train-images-idx3-ubyte') =>
    page.locator('#pictures-files').setInputFiles([{ name, mimeType: '', buffer }]);
  await only(images.subarray(0, 100));
  await expect(page.locator('#problem-text')).toHaveText(
    '“train-images-idx3-ubyte” is no file of a test set that can be read here.',
  );
  await only(idx([1, 8, 8], Buffer.alloc(64)));
  await expect(page.locator('#problem-text')).toContainText('grey images of 8 × 8');
  await only(idx([3], Buffer.alloc(3)), 't10k-labels-idx1-ubyte');
  await expect(page.locator('#problem-text')).toContainText('labels alone');
});
