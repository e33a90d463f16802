// One coupling block on the image of the canvas: its numbers agree with each other, forwards and backwards.

import { expect, test } from './support/fixtures';
import { atRest, openPage } from './support/page';

/** The numbers of a sum as it is written, with − for minus. */
function numbers(text: string | null): number[] {
  return [...(text ?? '').matchAll(/−?\d[\d,]*\.\d+/g)].map(([word]) =>
    Number(word.replace('−', '-').replaceAll(',', '')),
  );
}

test('a coupling block scales and shifts, and undoes it', async ({ page, site }) => {
  await openPage(page, site, 'seed=3', 'block');
  await atRest(page, 'block');
  await expect(page.locator('#block-number')).toHaveText('1 of 8');
  const check = async () => {
    const [x, logScale, shift, u] = numbers(await page.locator('#block-forwards').textContent());
    expect(x! * Math.exp(logScale!) + shift!).toBeCloseTo(u!, 2);
    const [again, back, minus, came] = numbers(await page.locator('#block-backwards').textContent());
    expect([again, back, minus]).toEqual([u, shift, logScale === 0 ? 0 : -logScale!]);
    expect(came).toBeCloseTo(x!, 2);
    return x;
  };
  await check();
  await expect(page.locator('#block-back')).toHaveText(
    /largest difference from what came in is (0|\d · 10⁻[⁴⁵⁶⁷⁸⁹])\.$/,
  );

  // Another pixel by the keyboard, another block by the slider.
  const at = page.locator('#block-at');
  const before = await at.textContent();
  await page.locator('#block-x2').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await expect(at).not.toHaveText(before ?? '');
  await check();
  await page.locator('#block-which').fill('8');
  await expect(page.locator('#block-number')).toHaveText('8 of 8');
  await atRest(page, 'block');
  await check();
});
