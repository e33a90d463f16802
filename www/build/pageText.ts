import type { Plugin } from 'vite';
import { page } from '../src/strings.ts';

/**
 * Puts the texts of `page` where index.html names them, as in `{{title}}`. A name without a text and a text without
 * a place are errors, so that neither is forgotten.
 */
export function pageText(): Plugin {
  return {
    name: 'page-text',
    transformIndexHtml: { order: 'pre', handler: fill },
  };
}

function fill(html: string): string {
  const texts: Record<string, string> = page;
  const unused = new Set(Object.keys(texts));
  const filled = html.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const text = texts[name];
    if (text === undefined) throw new Error(`index.html names the text ${name}, which strings.ts does not have`);
    unused.delete(name);
    return text;
  });
  if (unused.size > 0) throw new Error(`index.html has no place for ${[...unused].join(', ')} of strings.ts`);
  return filled;
}
