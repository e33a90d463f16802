import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Plugin } from 'vite';

/** The environment that builds the pages in German. */
const GERMAN = 'german';
const STRINGS = '/src/strings';

/**
 * Builds the site a second time, in German: what `src/strings/NAME.ts` is to the pages in English, `src/strings/de/NAME.ts`
 * is to those in German. So neither carries the words of the other, and nothing is chosen while a page runs.
 */
export function german(): Plugin {
  return {
    name: 'german',
    apply: 'build',
    config: () => ({
      environments: {
        [GERMAN]: {
          consumer: 'client',
          build: {
            emptyOutDir: false,
            copyPublicDir: false,
            rolldownOptions: { input: { de: 'de.html', 'teachers.de': 'teachers.de.html' } },
          },
        },
      },
      builder: {
        buildApp: async (builder) => {
          for (const name of ['client', GERMAN]) await builder.build(builder.environments[name]!);
        },
      },
    }),
    resolveId: {
      order: 'pre',
      async handler(source, importer, options) {
        if (this.environment.name !== GERMAN || importer === undefined || importer.includes(`${STRINGS}/de/`))
          return null;
        const found = await this.resolve(source, importer, { ...options, skipSelf: true });
        if (!found || !dirname(found.id).endsWith(STRINGS)) return null;
        const translated = join(dirname(found.id), 'de', basename(found.id));
        return existsSync(translated) ? translated : null;
      },
    },
  };
}
