// One job for all runtimes of a class: opened, checked, and timed in turns.

import type { Cell, Job } from '../shared/results.js';
import type { Class, RuntimeInfo } from '../shared/runtimes.js';
import { clocks, othersShare } from './machine.js';
import { median } from './statistics.js';
import type { Tab } from './tab.js';

/** What every measurement takes, in ms. */
export interface Limits {
  /** Time for each runtime; at least ten runs where they fit. */
  budgetMs: number;
  /** What a run may take; what takes longer is left out, and said so. */
  limitMs: number;
}

const LEAST_RUNS = 10;
/** A runtime's turn lasts about so long. */
const TURN_MS = 250;
const CEILING_MS = 15;
/** From here on numbers are wrong; rounding in single precision stays far below. */
const TOLERANCE = 1e-3;

/** A runtime that takes part. */
export interface Entrant {
  info: RuntimeInfo;
  tab: Tab;
  /** Whether the tab can still be used. */
  broken?: boolean;
}

interface Running {
  entrant: Entrant;
  cell: Cell;
  times: number[];
  cpuMs: number;
}

/** Measures `job` on every entrant. `ceilings` is a tab for the ceiling, which takes its turn with the others. */
export async function measure(
  job: Job,
  entrants: Entrant[],
  ceilings: Tab,
  multiplyAdds: number,
  limits: Limits,
  earlier: readonly Cell[],
): Promise<Cell[]> {
  const before = clocks();
  const cells: Cell[] = [];
  const running: Running[] = [];
  for (const entrant of entrants) {
    const cell: Cell = { ...job, runtime: entrant.info.name };
    cells.push(cell);
    const open = await opened(entrant, cell, limits, earlier);
    if (open) {
      running.push({ entrant, cell, times: [], cpuMs: 0 });
    }
  }
  const peaks: number[] = [];
  const kind = entrants[0]?.info.class ?? 'wasm';
  for (let going = running; going.length > 0; going = going.filter((one) => !finished(one, limits))) {
    for (const one of going) {
      const start = clocks();
      one.times.push(...(await one.entrant.tab.call('turn', TURN_MS)));
      one.cpuMs += (clocks()?.childrenMs ?? NaN) - (start?.childrenMs ?? NaN);
    }
    peaks.push(await ceiling(kind, ceilings));
  }
  const others = othersShare(before, clocks());
  const flops = 2 * multiplyAdds * job.batch;
  for (const { entrant, cell, times, cpuMs } of running) {
    finish(cell, times, cpuMs, flops, median(peaks));
    if (kind === 'webgpu') {
      cell.counts = await entrant.tab.counts();
    }
    if (others !== undefined) {
      cell.others = others;
    }
    await entrant.tab.call('close');
  }
  return cells;
}

function finish(cell: Cell, times: number[], cpuMs: number, flops: number, peak: number): void {
  cell.runs = times.length;
  cell.medianMs = median(times);
  cell.minMs = Math.min(...times);
  if (!Number.isNaN(cpuMs)) {
    cell.cpuMs = cpuMs / times.length;
  }
  cell.imagesPerSecond = (cell.batch * 1e3) / cell.medianMs;
  cell.gflops = flops / cell.medianMs / 1e6;
  cell.shareOfCeiling = cell.gflops / peak;
}

/** The rate that the class is held against, in GFLOP/s; with two threads it is twice that of one. */
async function ceiling(kind: Class, tab: Tab): Promise<number> {
  if (kind === 'webgpu') {
    return tab.call('gpuFmaGflops', CEILING_MS);
  }
  const { mulAdd } = await tab.call('wasmCeilings', CEILING_MS, 1);
  return kind === 'wasm' ? mulAdd : 2 * mulAdd;
}

/** Opens a job and checks its numbers; false when there is nothing to time. */
async function opened(entrant: Entrant, cell: Cell, { limitMs }: Limits, earlier: readonly Cell[]): Promise<boolean> {
  const { tab } = entrant;
  const single = earlier.find(
    ({ runtime, model, direction, batch }) =>
      runtime === cell.runtime && model === cell.model && direction === cell.direction && batch === 1,
  );
  // An image among many costs about half of what it costs alone.
  const expected = ((single?.medianMs ?? 0) * cell.batch) / 2;
  if (entrant.broken || single?.wrong || expected > limitMs) {
    cell.skipped = entrant.broken
      ? 'its tab broke'
      : single?.wrong
        ? 'wrong at batch 1'
        : `about ${Math.round(expected / 1e3)} s a run`;
    return false;
  }
  try {
    Object.assign(cell, await tab.call('open', { model: cell.model, direction: cell.direction, batch: cell.batch }));
  } catch (thrown) {
    cell.skipped = String(thrown instanceof Error ? thrown.message : thrown).split('\n', 1)[0] ?? '';
    await tab.call('close').catch(() => (entrant.broken = true));
    return false;
  }
  const { error = Infinity, firstMs = 0 } = cell;
  if (!(error <= TOLERANCE)) {
    cell.wrong = true;
  } else if (firstMs > 2 * limitMs) {
    cell.skipped = `the first run took ${Math.round(firstMs / 1e3)} s`;
  } else {
    return true;
  }
  await tab.call('close');
  return false;
}

function finished({ times }: Running, { budgetMs }: Limits): boolean {
  const spent = times.reduce((sum, time) => sum + time, 0);
  return spent >= budgetMs || (times.length >= LEAST_RUNS && spent >= budgetMs / 2);
}
