import { defineConfig } from '@playwright/test';
import { withWebGpu } from './support/chromium';

export default defineConfig({
  testDir: '.',
  outputDir: 'output',
  forbidOnly: true,
  // A test that passes only when repeated has failed; one at a time, as software WebGPU takes all cores.
  retries: 0,
  workers: 1,
  timeout: 120_000,
  reporter: 'list',
  use: { launchOptions: withWebGpu, trace: 'retain-on-failure' },
});
