// What is dropped or chosen, whatever folders it comes in: every file once, by name, but those that systems leave there.

import assert from 'node:assert/strict';
import { test } from '@playwright/test';
import fc from 'fast-check';
import { filesChosen, filesOf } from '../../www/src/files/folders.ts';

/** More by `cargo xtask fuzz typescript`. */
const numRuns = Number(process.env.IBINN_FUZZ_RUNS ?? 2000);

/** A file, which may be unreadable, or a folder with what is in it. */
type Tree = { readonly name: string; readonly readable?: boolean; readonly inner?: readonly Tree[] };

const name = fc.oneof(
  fc.string({ minLength: 1, maxLength: 6 }).map((text) => text.replaceAll('/', '_')),
  fc.constantFrom(
    'a.png',
    'A.PNG',
    '10.png',
    '9.png',
    '.DS_Store',
    'Thumbs.db',
    '__MACOSX',
    'naïve 🐈.jpg',
    '.',
    '__proto__',
  ),
);
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({ name, readable: fc.boolean() }),
    fc.record({ name, inner: fc.array(tie('tree'), { maxLength: 5 }) }),
  ),
}));

const isOfSystem = (name: string) =>
  name.startsWith('.') || ['thumbs.db', 'desktop.ini', '__macosx'].includes(name.toLowerCase());

/** The names of the files that should be found. */
function wanted(trees: readonly Tree[], above = ''): string[] {
  return trees
    .filter(({ name }) => !isOfSystem(name))
    .flatMap(({ name, readable, inner }) => {
      const path = above === '' ? name : `${above}/${name}`;
      return inner ? wanted(inner, path) : readable ? [path] : [];
    });
}

/** An entry as browsers give it: a few of a folder at a time. */
function entry({ name, readable, inner }: Tree, above = ''): unknown {
  const fullPath = `${above}/${name}`;
  if (!inner) {
    const file = (take: (file: File) => void, fail: (error: Error) => void) =>
      readable ? take({ name } as File) : fail(new Error('gone'));
    return { name, fullPath, isFile: true, isDirectory: false, file };
  }
  const rest = inner.map((tree) => entry(tree, fullPath));
  const createReader = () => ({ readEntries: (take: (some: unknown[]) => void) => take(rest.splice(0, 2)) });
  return { name, fullPath, isFile: false, isDirectory: true, createReader };
}

test('of folders that are dropped, every file that can be read is found once', async () => {
  test.setTimeout(0);
  await fc.assert(
    fc.asyncProperty(fc.array(tree, { minLength: 1, maxLength: 5 }), async (trees) => {
      const items = trees.map((tree) => ({ webkitGetAsEntry: () => entry(tree) }));
      const files = trees.filter(({ inner }) => !inner).map(({ name }) => ({ name }));
      const found = await filesOf({ items, files } as unknown as DataTransfer);
      const names = found.files.map(({ name }) => name);
      assert.equal(
        found.folders,
        trees.some(({ inner }) => inner !== undefined),
      );
      assert.deepEqual([...names].sort(), (found.folders ? wanted(trees) : files.map(({ name }) => name)).sort());
    }),
    { numRuns },
  );
});

test('of a folder that is chosen, every file is found once, by name', () => {
  test.setTimeout(0);
  fc.assert(
    fc.property(fc.array(tree, { maxLength: 5 }), (trees) => {
      const readable = JSON.parse(JSON.stringify(trees).replaceAll('"readable":false', '"readable":true'));
      const all = (inner: readonly Tree[], above: string): string[] =>
        inner.flatMap((tree) => (tree.inner ? all(tree.inner, `${above}${tree.name}/`) : [`${above}${tree.name}`]));
      const list = all(readable, 'chosen/').map((path) => ({ name: path.split('/').at(-1), webkitRelativePath: path }));
      const names = filesChosen(list as unknown as FileList).map(({ name }) => name);
      assert.deepEqual([...names].sort(), wanted(readable, 'chosen').sort());
    }),
    { numRuns },
  );
});
