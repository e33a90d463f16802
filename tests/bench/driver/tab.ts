// A tab of the browser with one runtime in it.

import type { Browser, Page } from 'playwright-core';
import type { Bench } from '../page/main.js';
import { count } from '../page/counters.js';
import type { Counts } from '../shared/results.js';
import type { RuntimeInfo } from '../shared/runtimes.js';

type Call = keyof Bench;
type Result<Name extends Call> = Awaited<ReturnType<Bench[Name]>>;

/** Drives one tab. */
export class Tab {
  private constructor(
    private readonly page: Page,
    /** What the page wrote to its console as an error. */
    readonly complaints: string[],
  ) {}

  /** Opens a tab. */
  static async open(browser: Browser, origin: string): Promise<Tab> {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') {
        complaints.push(message.text());
      }
    });
    await page.goto(`${origin}/`);
    await page.waitForFunction(() => 'bench' in globalThis);
    return new Tab(page, complaints);
  }

  /** Opens a tab and loads a runtime in it. */
  static async start(browser: Browser, origin: string, { module, variant }: RuntimeInfo): Promise<Tab> {
    const tab = await Tab.open(browser, origin);
    await tab.call('start', module, variant);
    return tab;
  }

  /** Calls into the page. */
  call<Name extends Call>(name: Name, ...args: Parameters<Bench[Name]>): Promise<Result<Name>> {
    return this.page.evaluate(([name, args]) => (globalThis.bench[name] as (...args: unknown[]) => unknown)(...args), [
      name,
      args as unknown[],
    ] as const) as Promise<Result<Name>>;
  }

  /** What one call asks of WebGPU, in the page and its workers together. */
  async counts(): Promise<Counts> {
    const sum = async (): Promise<Counts> => {
      const all = await Promise.all([
        this.call('count'),
        ...this.page.workers().map((worker) => worker.evaluate(count)),
      ]);
      const total = (key: keyof Counts) => all.reduce((sum, counts) => sum + counts[key], 0);
      return {
        dispatches: total('dispatches'),
        submits: total('submits'),
        buffersCreated: total('buffersCreated'),
        bytesMoved: total('bytesMoved'),
      };
    };
    const before = await sum();
    await this.call('turn', 0);
    const after = await sum();
    return {
      dispatches: after.dispatches - before.dispatches,
      submits: after.submits - before.submits,
      buffersCreated: after.buffersCreated - before.buffersCreated,
      bytesMoved: after.bytesMoved - before.bytesMoved,
    };
  }

  close(): Promise<void> {
    return this.page.close();
  }
}
