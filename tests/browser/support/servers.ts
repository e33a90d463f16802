// A server each for the site and for the bench page: what tests in every browser start from.

import { test as base } from '@playwright/test';
import { layBench } from './bench';
import { siteDir } from './environment';
import { serve } from './server';

interface Servers {
  /** The address of the built site; ends with a slash. */
  site: string;
  /** The bench page: its address, ending with a slash, and its folder on disk. */
  bench: { address: string; dir: string };
}

export const withServers = base.extend<object, Servers>({
  site: [
    async ({}, use) => {
      const server = await serve(siteDir);
      await use(server.address);
      server.stop();
    },
    { scope: 'worker' },
  ],
  bench: [
    async ({}, use) => {
      const { dir, remove } = layBench();
      const server = await serve(dir);
      await use({ address: server.address, dir });
      server.stop();
      remove();
    },
    { scope: 'worker' },
  ],
});
