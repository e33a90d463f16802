// WCAG 2.2 AA, as far as a program can tell: by day and by night, on a desk and on a phone.

import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './support/fixtures';
import { openPage, settled } from './support/page';

const SIZES = { desk: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const;
const STANDARDS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`${size}, ${colorScheme}`, () => {
      test.use({ viewport, colorScheme, hasTouch: size === 'phone', isMobile: size === 'phone' });

      test('axe finds no violation, and nothing is wider than the window', async ({ page, site }) => {
        // Every γ and a problem are shown, so that their parts are looked at as well.
        await openPage(page, site, 'everyGamma=yes&model=nothing');
        await expect(page.locator('#problem')).toBeVisible();
        const { violations } = await new AxeBuilder({ page }).withTags(STANDARDS).analyze();
        const told = violations.map(
          ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
        );
        expect(told).toEqual([]);
        const excess = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(excess).toBeLessThanOrEqual(0);
      });
    });
  }
}

test('the page can be worked with the keyboard alone', async ({ page, site }) => {
  // As somebody finds it who has just opened it: from a place that was scrolled to, Tab would go on from there.
  await page.goto(site);
  await settled(page, 'gamma');
  await page.locator('body').press('Tab');
  await expect(page.locator('.skip')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('#gamma')).toBeFocused();
  const reached = new Set<string>();
  for (let i = 0; i < 300; i++) {
    await page.keyboard.press('Tab');
    const id = await page.evaluate(() => {
      const { activeElement } = document;
      return activeElement?.id || activeElement?.closest('[id]')?.id || '';
    });
    reached.add(id);
    if (id === 'executors') break;
  }
  const wanted = [
    'groups',
    'stage-grid',
    'canvas',
    'disturb-rotation',
    'rows',
    'grid',
    'position',
    'atlas',
    'executors',
  ];
  expect(wanted.filter((id) => !reached.has(id))).toEqual([]);
});
