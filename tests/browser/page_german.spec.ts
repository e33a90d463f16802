// The page in German: all of it, and the same page.

import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, shippedModels, test } from './support/fixtures';
import { settled } from './support/page';

test.use({ trace: 'off' });

/** Scrolls to each view in turn until all that it shows is there. */
async function seeAll(page: Page): Promise<void> {
  await expect(page.locator('#adapter')).toHaveText(/^(Läuft auf|Running on)/);
  for (const id of await page.locator('main > .view[id]').evaluateAll((views) => views.map(({ id }) => id))) {
    await page.locator(`#${id}`).evaluate((view) => view.scrollIntoView());
    await expect(page.locator(`#${id}`)).not.toHaveAttribute('data-busy', 'true');
  }
  await settled(page, 'draw');
  await expect(page.locator('#teach-hint')).not.toBeEmpty();
}

/** All that a page says, to eyes and to ears: texts and names of elements, without what is a number or a sign alone. */
function words(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const said = new Set<string>();
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    // Names of classes are the model's, titles of its file and of the paper their own; and the other language's name.
    const own =
      'body [lang], math, .row-name, .paper, .wordmark, #facts, #groups, #group, code, script, style, #teach-begin';
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      if (!node.parentElement?.closest(own)) said.add(node.textContent ?? '');
    }
    for (const element of document.querySelectorAll('body *')) {
      for (const name of ['aria-label', 'title', 'placeholder']) said.add(element.getAttribute(name) ?? '');
    }
    return [...said].map((text) => text.trim().replace(/\s+/g, ' ')).filter((text) => /\p{L}{3}/u.test(text));
  });
}

/** What is the same in both languages, besides names of classes. */
const SAME =
  /^(Fashion-MNIST|CIFAR-10|[Cc]lass-NLL|Posterior|Training|Pause|Label|Problem|CPU|GPU|Class-NLL, D = 3072|AUROC|ECE|MCE|ICE)$/;

test('no text of the page in German is one of the page in English', async ({ page, site }) => {
  await page.goto(`${site}#seed=3&everyGamma=yes`);
  await seeAll(page);
  const english = new Set(await words(page));
  expect(english.size).toBeGreaterThan(300);
  await page.goto(`${site}de.html#seed=3&everyGamma=yes`);
  await seeAll(page);
  expect(await page.locator('html').getAttribute('lang')).toBe('de');
  const german = await words(page);
  const classes = shippedModels.flatMap(({ classes }) => classes);
  expect(german.length).toBeGreaterThan(300);
  expect(german.filter((text) => english.has(text) && !SAME.test(text) && !classes.includes(text))).toEqual([]);
  await expect(page.locator('#bits')).toHaveText(/^\d+,\d\d Bits\/Dim$/);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)).toEqual(
    [],
  );
});

test('a link leads to the same place in the other language, and nothing of it is fetched before', async ({
  page,
  site,
}) => {
  const fetched: string[] = [];
  page.on('request', (request) => fetched.push(request.url()));
  await page.goto(`${site}#seed=3`);
  await settled(page, 'gamma');
  expect(fetched.filter((url) => url.includes('de.html'))).toEqual([]);
  await page.locator('#language').click();
  await expect(page).toHaveURL(/de\.html#.*seed=3/);
  await expect(page.locator('h1')).toHaveText('Ein Klassifikator, der rückwärts läuft');
  await page.locator('#language').click();
  await expect(page.locator('h1')).toHaveText('A classifier that runs backwards');
});

for (const width of [320, 390, 1280]) {
  test(`nothing is wider than a window of ${width} pixels, nor is the page for teachers`, async ({ page, site }) => {
    await page.setViewportSize({ width, height: 800 });
    for (const file of ['de.html', 'teachers.de.html']) {
      await page.goto(site + file);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    }
  });
}
