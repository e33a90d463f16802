// Measures all runtimes in one run of one browser, and writes the results as JSON and as Markdown.

import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import type { Description } from '../page/case.js';
import type { Cell, Direction, Job } from '../shared/results.js';
import type { Class, RuntimeInfo } from '../shared/runtimes.js';
import { measure, type Entrant } from './cells.js';
import { firstPicture } from './first_picture.js';
import { machine } from './machine.js';
import { options } from './options.js';
import { plot } from './plot.js';
import { markdown, oneLine, type Results } from './report.js';
import { nativePoints, scaling } from './scaling.js';
import { serve } from './server.js';
import { Tab } from './tab.js';

const FLAGS = [
  '--enable-unsafe-webgpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Tabs take turns; the ones that wait must not be put to sleep.
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

const chosen = options();
const here = join(dirname(fileURLToPath(import.meta.url)), '../..');
const server = await serve(
  {
    '/': join(here, 'page'),
    '/build/': join(here, 'build'),
    '/packages/': join(here, 'node_modules'),
    '/ours/': join(here, '../../web'),
    '/cases/': chosen.cases,
  },
  { isolated: true },
);
const browser = await chromium.launch({ executablePath: chosen.chrome, args: FLAGS });
const results: Results = {
  date: new Date().toISOString(),
  machine: machine(),
  browser: browser.version(),
  limits: { budgetMs: chosen.budgetMs, limitMs: chosen.limitMs },
  models: {},
  cells: [],
};

/** Written after every cell, so that an interrupted run leaves what it has. */
function save(): void {
  writeFileSync(join(chosen.out, 'browser.json'), `${JSON.stringify(results, null, 1)}\n`);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function entrants(runtimes: RuntimeInfo[]): Promise<Entrant[]> {
  const all: Entrant[] = [];
  for (const info of runtimes) {
    all.push({ info, tab: await Tab.start(browser, server.origin, info) });
  }
  return all;
}

const jobs: Job[] = chosen.models.flatMap((model) =>
  chosen.directions.flatMap((direction: Direction) => chosen.batches.map((batch) => ({ model, direction, batch }))),
);
for (const model of chosen.models) {
  const { multiply_adds } = JSON.parse(readFileSync(join(chosen.cases, `${model}.json`), 'utf8')) as Description;
  results.models[model] = { multiplyAdds: multiply_adds };
}

const ceilings = await Tab.open(browser, server.origin);
if (chosen.ceilings) {
  results.wasmCeilings = await ceilings.call('wasmCeilings', 20, 15);
  say(`WASM, one thread: ${JSON.stringify(results.wasmCeilings)} GFLOP/s`);
  results.gpuCeilings = await ceilings.call('gpuCeilings');
  say(`WebGPU: ${JSON.stringify(results.gpuCeilings)}`);
  save();
}
for (const kind of ['wasm', 'wasm-threads', 'webgpu'] satisfies Class[]) {
  const all = await entrants(chosen.runtimes.filter((runtime) => runtime.class === kind));
  if (all.length === 0) {
    continue;
  }
  for (const job of jobs) {
    const multiplyAdds = results.models[job.model]?.multiplyAdds ?? NaN;
    const cells: Cell[] = await measure(job, all, ceilings, multiplyAdds, chosen, results.cells);
    results.cells.push(...cells);
    cells.forEach((cell) => say(oneLine(cell)));
    save();
  }
  for (const { tab } of all) {
    await tab.close();
  }
}
if (chosen.site !== undefined) {
  results.firstPicture = await firstPicture(browser, chosen.site);
  say(`first picture: ${JSON.stringify(results.firstPicture)}`);
}
if (chosen.scaling) {
  results.scaling = await scaling(browser, server.origin, chosen.cases, chosen);
  const native = nativePoints(chosen.out);
  const series = [
    { name: 'native', colour: '#1b6ca8', points: native },
    { name: 'browser, one worker', colour: '#d1495b', points: results.scaling },
  ];
  writeFileSync(join(chosen.out, 'scaling.svg'), plot(series.filter(({ points }) => points.length > 0)));
}
await browser.close();
server.stop();
save();
const text = markdown(results);
writeFileSync(join(chosen.out, 'browser.md'), text);
process.stdout.write(text);
