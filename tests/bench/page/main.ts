// What the driver calls in a tab. Each runtime has a tab of its own; all belong to one browser.

import { gpuCeilings, gpuFmaGflops } from './ceilings/webgpu.js';
import { wasmCeilings } from './ceilings/wasm.js';
import { describe, read, type Values } from './case.js';
import { count } from './counters.js';
import { largestDifference } from './difference.js';
import type { Load, Outputs, Runtime, Session } from './session.js';
import type { Job, Opened } from '../shared/results.js';

let runtime: Runtime | undefined;
let session: Session | undefined;
let input = new Float32Array();

/** Loads a runtime's module and its variant; returns how long that took, in ms. */
async function start(module: string, variant: string): Promise<number> {
  const started = performance.now();
  const { load } = (await import(`./runtimes/${module}.js`)) as { load: Load };
  runtime = await load(variant);
  return performance.now() - started;
}

/** Opens a job, runs it once, and compares the numbers with those of the native CPU executor. */
async function open(job: Job): Promise<Opened> {
  if (runtime === undefined) {
    throw new Error('no runtime was started');
  }
  const description = await describe(job.model);
  const array = (what: Values) => read(job.model, what, description, job.batch);
  let started = performance.now();
  session = await runtime.open(job);
  const loadMs = performance.now() - started;
  input = new Float32Array(await array(job.direction === 'decode' ? 'z' : session.unit));
  started = performance.now();
  const outputs = await session.run(input);
  const firstMs = performance.now() - started;
  return { loadMs, firstMs, error: await error(outputs, session.unit, array) };
}

async function error(
  outputs: Outputs,
  unit: Session['unit'],
  array: (what: Values) => Promise<Float32Array>,
): Promise<number> {
  if ('images' in outputs) {
    return largestDifference(outputs.images, await array(unit === 'x' ? 'x_back' : 'pixels_back'));
  }
  return Math.max(
    largestDifference(outputs.z, await array('z')),
    largestDifference(outputs.logDet, await array('log_det')),
  );
}

/** Runs for about `ms`, at least once; returns the time of each run, in ms. */
async function turn(ms: number): Promise<number[]> {
  if (session === undefined) {
    throw new Error('no job is open');
  }
  const times = [];
  const begun = performance.now();
  do {
    const started = performance.now();
    await session.run(input);
    times.push(performance.now() - started);
  } while (performance.now() - begun < ms);
  return times;
}

async function close(): Promise<void> {
  const closing = session;
  session = undefined;
  await closing?.close();
}

const bench = { start, open, turn, close, count, wasmCeilings, gpuCeilings, gpuFmaGflops };

declare global {
  /** What the driver calls. */
  var bench: Bench;
}

/** The calls of a tab. */
export type Bench = typeof bench;

globalThis.bench = bench;
