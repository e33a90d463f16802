import type { Plugin } from 'vite';

/** The service worker is built beside the page, under a name of its own in the site's root, whose pages it may serve. */
export function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    config: () => ({
      environments: {
        client: {
          build: {
            rolldownOptions: {
              input: { index: 'index.html', teachers: 'teachers.html', sw: 'src/offline/serviceWorker.ts' },
              output: { entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
            },
          },
        },
      },
    }),
  };
}
