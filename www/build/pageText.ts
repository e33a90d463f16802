import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';
import { page } from '../src/strings/page.ts';
import { teachers } from '../src/strings/teachers.ts';

/** The texts of each page of the site. */
const PAGES: Record<string, Record<string, Record<string, string>>> = {
  '/index.html': page,
  '/teachers.html': { teachers },
};

/**
 * Puts the views into index.html where it names them, as in `<!-- view: draw -->`, and the texts of `page` where the
 * views name them, as in `{{draw.title}}`; and the texts of other pages into theirs. A name without a text and a text without a place are errors, so that neither
 * is forgotten.
 */
export function pageText(): Plugin {
  return {
    name: 'page-text',
    transformIndexHtml: { order: 'pre', handler: (html, { path }) => fill(withViews(html), PAGES[path] ?? {}) },
    handleHotUpdate: ({ file, server }) => {
      if (file.endsWith('view.html')) server.ws.send({ type: 'full-reload' });
    },
  };
}

function withViews(html: string): string {
  return html.replace(/<!-- view: (\w+) -->/g, (_, name: string) =>
    readFileSync(new URL(`../src/views/${name}/view.html`, import.meta.url), 'utf8').trim(),
  );
}

function fill(html: string, page: Record<string, Record<string, string>>): string {
  const entries = Object.entries(page).flatMap(([view, texts]) =>
    Object.entries(texts).map(([name, text]): [string, string] => [`${view}.${name}`, text]),
  );
  const texts = new Map(entries);
  const unused = new Set(texts.keys());
  const filled = html.replace(/\{\{([\w.]+)\}\}/g, (_, name: string) => {
    const text = texts.get(name);
    if (text === undefined) throw new Error(`the page names the text ${name}, which src/strings does not have`);
    unused.delete(name);
    return text;
  });
  if (unused.size > 0) throw new Error(`the page has no place for ${[...unused].join(', ')} of src/strings`);
  return filled;
}
