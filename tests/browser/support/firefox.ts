// Firefox as it comes, driven by its own protocol: WebDriver BiDi, by Puppeteer. Playwright drives a patched build only.

import { launch, type Page } from 'puppeteer-core';
import { firefox } from './environment';
import { isForeign } from './server';

// Firefox keeps WebGPU off on Linux; its WebGPU is naga and wgpu where Chromium's is Tint and Dawn.
const WITH_WEBGPU = {
  'dom.webgpu.enabled': true,
  'gfx.webgpu.ignore-blocklist': true,
  'gfx.webgpu.force-enabled': true,
};
const WITHOUT_WEBGPU = { 'dom.webgpu.enabled': false };

/** A page in a Firefox of its own. */
export interface FirefoxPage {
  readonly page: Page;
  /** What the page threw or logged as an error, and what it asked of other hosts. */
  readonly faults: readonly string[];
  /** Ends the browser. */
  close(): Promise<void>;
}

/** Opens an empty page. */
export async function openFirefox({ webgpu }: { webgpu: boolean }): Promise<FirefoxPage> {
  const browser = await launch({
    browser: 'firefox',
    executablePath: firefox,
    // How long anything may take is up to the test.
    timeout: 0,
    protocolTimeout: 0,
    // The window's size is the page's: viewports are set by commands that not every Firefox knows.
    defaultViewport: null,
    args: ['--width=1280', '--height=1000'],
    extraPrefsFirefox: webgpu ? WITH_WEBGPU : WITHOUT_WEBGPU,
  });
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`uncaught: ${error instanceof Error ? error.message : String(error)}`));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (isForeign(request.url())) faults.push(`asked another host: ${request.url()}`);
  });
  return { page, faults, close: () => browser.close() };
}
