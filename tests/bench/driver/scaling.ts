// Cost against size in the browser: our module over batch, depth and resolution, as the native program measures it, too.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import type { Description } from '../page/case.js';
import { RUNTIMES } from '../shared/runtimes.js';
import { measure, type Limits } from './cells.js';
import { Tab } from './tab.js';

/** One size, measured. */
export interface Point {
  axis: 'batch' | 'depth' | 'side';
  value: number;
  batch: number;
  /** Of one image. */
  multiplyAdds: number;
  imagesPerSecond: number;
  /** CPU time of a batch in ms, where the system tells it: what other programs do to the time on the clock does not count. */
  cpuMs?: number;
}

/** GFLOP/s of CPU time, or by the clock where there is no other; counts the multiply-adds of the network. */
export function rate({ batch, multiplyAdds, imagesPerSecond, cpuMs }: Point): number {
  return 2e-9 * multiplyAdds * (cpuMs === undefined ? imagesPerSecond : (1e3 * batch) / cpuMs);
}

const BATCHES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
const DEPTHS = [1, 2, 3, 4];
const SIDES = [8, 12, 16, 24, 28, 32, 48, 64];
const BATCH = 64;

/** Encodes with one worker on the CPU; the cases are those that the native program wrote. */
export async function scaling(browser: Browser, origin: string, cases: string, limits: Limits): Promise<Point[]> {
  const ours = RUNTIMES.find(({ name }) => name === 'ours-cpu');
  if (ours === undefined) {
    throw new Error('unreachable');
  }
  const ceilings = await Tab.open(browser, origin);
  const entrants = [{ info: ours, tab: await Tab.start(browser, origin, ours) }];
  const sizes = [
    ...BATCHES.map((batch) => ({ axis: 'batch' as const, value: batch, model: 'compact28', batch })),
    ...DEPTHS.map((depth) => ({ axis: 'depth' as const, value: depth, model: `depth${depth}`, batch: BATCH })),
    ...SIDES.map((side) => ({ axis: 'side' as const, value: side, model: `side${side}`, batch: BATCH })),
  ];
  const points: Point[] = [];
  for (const { axis, value, model, batch } of sizes) {
    const { multiply_adds: multiplyAdds } = JSON.parse(
      readFileSync(join(cases, `${model}.json`), 'utf8'),
    ) as Description;
    const [cell] = await measure({ model, direction: 'encode', batch }, entrants, ceilings, multiplyAdds, limits, []);
    if (cell?.imagesPerSecond !== undefined) {
      const { imagesPerSecond, cpuMs } = cell;
      points.push({ axis, value, batch, multiplyAdds, imagesPerSecond, ...(cpuMs === undefined ? {} : { cpuMs }) });
    }
  }
  return points;
}

/** What the native program measured, where it did. */
export function nativePoints(out: string): Point[] {
  const file = join(out, 'scaling.json');
  if (!existsSync(file)) {
    return [];
  }
  const { cells } = JSON.parse(readFileSync(file, 'utf8')) as {
    cells: {
      axis: Point['axis'];
      value: number;
      batch: number;
      multiply_adds: number;
      images_per_second?: number;
      cpu_ms?: number | null;
    }[];
  };
  return cells.flatMap(({ axis, value, batch, multiply_adds, images_per_second, cpu_ms }) =>
    images_per_second === undefined
      ? []
      : [
          {
            axis,
            value,
            batch,
            multiplyAdds: multiply_adds,
            imagesPerSecond: images_per_second,
            ...(typeof cpu_ms === 'number' ? { cpuMs: cpu_ms } : {}),
          },
        ],
  );
}
