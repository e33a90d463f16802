// The page's workers, as a test gets hold of them: what is asked of them can be held up, and more can be told to them.

import type { Page } from '@playwright/test';

declare global {
  /** On a page whose workers are watched: those that run models, what is held up, and the messages that wait. */
  var watched: { models: Worker[]; hold: string | undefined; waiting: (() => void)[] };
}

/** Watches the workers that the page starts, once it is opened. */
async function watch(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const watched: typeof globalThis.watched = { models: [], hold: undefined, waiting: [] };
    const post = Worker.prototype.postMessage;
    globalThis.watched = watched;
    globalThis.Worker = class extends Worker {
      constructor(...how: ConstructorParameters<typeof Worker>) {
        super(...how);
        if (how[1]?.name === 'ibinn') watched.models.push(this);
      }
    };
    Worker.prototype.postMessage = function (this: Worker, ...args: unknown[]) {
      const message = args[0] as { name?: string; file?: Blob };
      const name = message.file ? 'decode a file' : message.name;
      const send = () => Reflect.apply(post, this, args);
      if (name === watched.hold && name !== undefined) watched.waiting.push(send);
      else send();
    };
  });
}

/** Lets a test hold up the calls of a name to the workers of the page, which is opened afterwards. */
export async function holdUpCalls(page: Page) {
  await watch(page);
  return {
    hold: (name: string) => page.evaluate((name) => void (watched.hold = name), name),
    /** How many calls wait. */
    held: () => page.evaluate(() => watched.waiting.length),
    letGo: () =>
      page.evaluate(() => {
        watched.hold = undefined;
        for (const send of watched.waiting.splice(0)) send();
      }),
  };
}

/** Lets a test break what runs the models of the page, which is opened afterwards. */
export async function breakModels(page: Page) {
  await watch(page);
  return {
    /** Stops their engines, as a panic would. */
    stop: () =>
      page.evaluate(() => {
        const data = { kind: 'stopped', sentence: 'the engine stopped' };
        for (const worker of watched.models.splice(0)) worker.dispatchEvent(new MessageEvent('message', { data }));
      }),
    /** Takes their GPUs away, as a driver's crash would. */
    loseDevices: () =>
      page.evaluate(() => {
        for (const worker of watched.models)
          worker.postMessage({ id: Number.MAX_SAFE_INTEGER, name: 'loseDevice', takes: null });
      }),
  };
}
