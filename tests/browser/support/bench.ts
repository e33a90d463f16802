// A bare page with nothing but the npm module on it, as plain static files and under a strict policy.

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Ibinn from '../../../web/dist/index.js';
import type * as Testing from '../../../web/dist/testing.js';
import { moduleDir, siteDir } from './environment';

declare global {
  /** The module, on the bench page. */
  var ibinn: typeof Ibinn;
  /** Its part for tests, on the bench page. */
  var testing: typeof Testing;
}

// The empty picture of the icon keeps the browser from asking for one.
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src data:";

const PAGE = `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${POLICY}">
  <title>bench</title>
  <link rel="icon" href="data:,">
  <script type="module" src="bench.js"></script>
</html>
`;

const SCRIPT = `import * as ibinn from './dist/index.js';
import * as testing from './dist/testing.js';
Object.assign(globalThis, { ibinn, testing });
`;

/** Writes the page, the built module and the site's models into a new folder. */
export function layBench(): { dir: string; remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), 'ibinn-bench-'));
  for (const folder of ['dist', 'pkg', 'example']) {
    cpSync(join(moduleDir, folder), join(dir, folder), { recursive: true });
  }
  cpSync(join(siteDir, 'models'), join(dir, 'models'), { recursive: true });
  mkdirSync(join(dir, 'bad'));
  writeFileSync(join(dir, 'index.html'), PAGE);
  writeFileSync(join(dir, 'bench.js'), SCRIPT);
  return { dir, remove: () => rmSync(dir, { recursive: true }) };
}
