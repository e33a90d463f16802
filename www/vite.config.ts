import { defineConfig } from 'vite';
import { contentSecurityPolicy } from './build/contentSecurityPolicy.ts';
import { german } from './build/german.ts';
import { pageText } from './build/pageText.ts';
import { serviceWorker } from './build/serviceWorker.ts';

export default defineConfig({
  base: './',
  plugins: [pageText(), contentSecurityPolicy(), serviceWorker(), german()],
  worker: { format: 'es' },
  build: {
    target: ['chrome111', 'firefox113', 'safari16.4'],
    // Nothing as data: in the page, which its Content-Security-Policy forbids.
    assetsInlineLimit: 0,
    // Nothing of the page is loaded later than its start but workers, which find their own way.
    modulePreload: false,
    reportCompressedSize: false,
  },
});
