// The command line; `cargo xtask bench` writes it.

import { parseArgs } from 'node:util';
import type { Direction } from '../shared/results.js';
import { RUNTIMES, type RuntimeInfo } from '../shared/runtimes.js';
import type { Limits } from './cells.js';

/** What to measure, and with what. */
export interface Options extends Limits {
  chrome: string;
  /** The folder of the cases. */
  cases: string;
  /** Where to write the results; the folder must be there. */
  out: string;
  runtimes: RuntimeInfo[];
  /** Whether to measure all of the adapter's ceilings. */
  ceilings: boolean;
  /** Whether to measure cost against size. */
  scaling: boolean;
  /** The built site, to measure the first picture with. */
  site?: string;
  models: string[];
  directions: Direction[];
  batches: number[];
}

/** Reads the command line; throws when it is wrong. */
export function options(): Options {
  const { values } = parseArgs({
    options: {
      chrome: { type: 'string' },
      cases: { type: 'string' },
      out: { type: 'string' },
      site: { type: 'string' },
      only: { type: 'string', default: 'ours,ort,tfjs,jax,ceilings' },
      scaling: { type: 'boolean', default: false },
      models: { type: 'string', default: 'compact28,cifar10' },
      directions: { type: 'string', default: 'encode,decode' },
      batches: { type: 'string', default: '1,64' },
      budget: { type: 'string', default: '6' },
      limit: { type: 'string', default: '30' },
    },
  });
  const { chrome, cases, out } = values;
  if (chrome === undefined || cases === undefined || out === undefined) {
    throw new Error('--chrome, --cases and --out are needed');
  }
  const only = values.only.split(',').filter(Boolean);
  const unknown = only.filter((name) => name !== 'ceilings' && !RUNTIMES.some((runtime) => matches(runtime, name)));
  if (unknown.length > 0) {
    const known = RUNTIMES.map(({ name }) => name).join(', ');
    throw new Error(
      `there is no runtime ${unknown.join(', ')}: choose among ceilings, ${known}, or the beginning of a name`,
    );
  }
  return {
    chrome,
    cases,
    out,
    runtimes: RUNTIMES.filter((runtime) => only.some((name) => matches(runtime, name))),
    ceilings: only.includes('ceilings'),
    scaling: values.scaling,
    ...(values.site === undefined ? {} : { site: values.site }),
    models: values.models.split(','),
    directions: values.directions.split(',').map(direction),
    batches: values.batches.split(',').map(Number),
    budgetMs: Number(values.budget) * 1e3,
    limitMs: Number(values.limit) * 1e3,
  };
}

function matches({ name }: RuntimeInfo, wanted: string): boolean {
  return name === wanted || name.startsWith(`${wanted}-`);
}

function direction(name: string): Direction {
  if (name === 'encode' || name === 'decode') {
    return name;
  }
  throw new Error(`a direction is ${name}, must be encode or decode`);
}
