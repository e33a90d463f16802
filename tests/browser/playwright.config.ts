import { defineConfig } from '@playwright/test';
import { withWebGpu } from './support/chromium';

export default defineConfig({
  testDir: '.',
  outputDir: 'output',
  forbidOnly: true,
  // A test that passes only when repeated has failed; one at a time, as software WebGPU takes all cores.
  retries: 0,
  workers: 1,
  // No test is about speed: on a busy machine, a software GPU takes seconds for a grid of samples.
  timeout: 600_000,
  expect: { timeout: 120_000 },
  reporter: 'list',
  use: { launchOptions: withWebGpu, trace: 'retain-on-failure' },
});
