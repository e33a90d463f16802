import type { Page } from '@playwright/test';

/** A place in the window. */
export type Finger = readonly [number, number];

/** Fingers on the touch screen of a page. Each deed is told where all of them are, always in the same order. */
export async function fingersOn(page: Page) {
  const session = await page.context().newCDPSession(page);
  const tell = (type: 'touchStart' | 'touchMove' | 'touchEnd', fingers: readonly Finger[]) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: fingers.map(([x, y], id) => ({ x, y, id })) });
  return {
    /** The last of them comes down. */
    down: (...fingers: Finger[]) => tell('touchStart', fingers),
    /** They move from places to places, in steps. */
    async move(from: readonly Finger[], to: readonly Finger[], steps = 8): Promise<void> {
      for (let i = 1; i <= steps; i++) {
        const between = (a: number, b: number) => a + ((b - a) * i) / steps;
        await tell(
          'touchMove',
          to.map(([x, y], k) => [between(from[k]?.[0] ?? x, x), between(from[k]?.[1] ?? y, y)] as const),
        );
      }
    },
    /** All of them are lifted. */
    up: () => tell('touchEnd', []),
  };
}

/** Places in the window from shares of the sides of an element, which is brought into sight. */
export async function placesOn(page: Page, selector: string): Promise<(x: number, y: number) => Finger> {
  await page.locator(selector).scrollIntoViewIfNeeded();
  const box = (await page.locator(selector).boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  return (x, y) => [box.x + x * box.width, box.y + y * box.height];
}
