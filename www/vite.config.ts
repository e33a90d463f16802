import { defineConfig } from 'vite';
import { contentSecurityPolicy } from './build/contentSecurityPolicy.ts';
import { pageText } from './build/pageText.ts';

export default defineConfig({
  base: './',
  plugins: [pageText(), contentSecurityPolicy()],
  worker: { format: 'es' },
  build: {
    target: ['chrome111', 'firefox113', 'safari16.4'],
    // Nothing as data: in the page, which its Content-Security-Policy forbids.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
});
