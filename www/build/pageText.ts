import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';
import { page as germanPage } from '../src/strings/de/page.ts';
import { teachers as germanTeachers } from '../src/strings/de/teachers.ts';
import { page } from '../src/strings/page.ts';
import { teachers } from '../src/strings/teachers.ts';

/** The texts of each page of the site, by view and name. */
type Texts = Record<string, Record<string, string>>;
const PAGES: Record<string, Texts> = {
  '/index.html': page,
  '/de.html': germanPage,
  '/teachers.html': { teachers },
  '/teachers.de.html': { teachers: germanTeachers },
};

/**
 * Puts the views into index.html where it names them, as in `<!-- view: draw -->`, and the texts of `page` where the
 * views name them, as in `{{draw.title}}`; and the texts of other pages into theirs. A page in another language is the one
 * that it names, as in `<!-- page: index -->`, with the texts of its own. A name without a text and a text without a place
 * are errors, so that neither is forgotten.
 */
export function pageText(): Plugin {
  return {
    name: 'page-text',
    transformIndexHtml: {
      order: 'pre',
      handler: (html, { path }) => fill(withViews(withPage(html)), PAGES[path] ?? {}),
    },
    handleHotUpdate: ({ file, server }) => {
      if (file.endsWith('view.html')) server.ws.send({ type: 'full-reload' });
    },
  };
}

function withPage(html: string): string {
  return html.replace(/<!-- page: (\w+) -->\s*/, (_, name: string) => read(`../${name}.html`));
}

function withViews(html: string): string {
  return html.replace(/<!-- view: (\w+) -->/g, (_, name: string) => read(`../src/views/${name}/view.html`).trim());
}

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}

function fill(html: string, page: Texts): string {
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
