// What the model looks at: patches are hidden, and the numbers follow from the module's.

import { expect, test } from './support/fixtures';
import { atRest, greyLevelsOf, openPage, shown } from './support/page';

test('the evidence of a patch is what hiding it changes', async ({ page, site }) => {
  // A black image with one bright square in the middle: the patch on it is all there is.
  const bytes = Buffer.alloc(28 * 28);
  for (let y = 12; y < 16; y++) bytes.fill(255, y * 28 + 12, y * 28 + 16);
  const image = `image=image_${bytes.toString('base64url')}~as-is`;
  await openPage(page, site, `${image}&patch=4&forClass=1&against=3`, 'draw');
  const { logLikelihood: withSquare } = await shown(page);

  await atRest(page, 'occlusion');
  const box = (await page.locator('#strangeness').boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await expect(page.locator('#strangeness-note')).toHaveText(/Here: [+−][\d,.]+ nats of log-likelihood/);
  const said = await page.locator('#strangeness-note').textContent();
  const [, sign, amount] = /([+−])([\d,.]+) nats/.exec(said ?? '') ?? [];
  const change = (sign === '−' ? -1 : 1) * Number(amount?.replaceAll(',', ''));

  // Without the square the image is black, as an empty canvas is.
  await openPage(page, site, 'image=empty', 'draw');
  const { logLikelihood: empty } = await shown(page);
  expect(change).toBeCloseTo(withSquare - empty, 0);
});

test('classes and patches can be chosen, and pictures follow', async ({ page, site }) => {
  await openPage(page, site, 'forClass=1&against=3', 'occlusion');
  const tints = async () => (await greyLevelsOf(page, '#evidence'))[0];
  const before = await tints();
  await page.locator('#against-class').selectOption('8');
  await expect(async () => expect(await tints()).not.toEqual(before)).toPass();
  await expect(page.locator('#evidence-note')).toContainText('against');
  const chosen = await tints();
  await page.locator('#patch').getByLabel('7×7').check();
  await expect(page).toHaveURL(/patch=7/);
  await expect(async () => expect(await tints()).not.toEqual(chosen)).toPass();
});
