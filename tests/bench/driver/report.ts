// Results as Markdown.

import type { Cell, GpuCeilings, WasmCeilings } from '../shared/results.js';
import { RUNTIMES } from '../shared/runtimes.js';
import type { Limits } from './cells.js';
import type { FirstPicture } from './first_picture.js';
import type { Machine } from './machine.js';
import { rate, type Point } from './scaling.js';

/** Everything that one run in the browser measured. */
export interface Results {
  date: string;
  machine: Machine;
  browser: string;
  limits: Limits;
  models: Record<string, { multiplyAdds: number }>;
  wasmCeilings?: WasmCeilings;
  gpuCeilings?: GpuCeilings;
  cells: Cell[];
  firstPicture?: FirstPicture;
  scaling?: Point[];
}

/** Three significant digits, without an exponent. */
export function short(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) {
    return '';
  }
  return value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}

function percent(value: number | undefined): string {
  return value === undefined ? '' : `${short(100 * value)} %`;
}

function title(name: string): string {
  return RUNTIMES.find((runtime) => runtime.name === name)?.title ?? name;
}

/** What became of a cell, in one line for the terminal. */
export function oneLine(cell: Cell): string {
  const job = `${cell.runtime} ${cell.model} ${cell.direction} ${cell.batch}:`;
  if (cell.wrong || cell.skipped !== undefined) {
    return `${job} ${cell.wrong ? `WRONG by ${cell.error?.toExponential(1)}` : `skipped, ${cell.skipped}`}`;
  }
  const parts = [
    `${short(cell.medianMs)} ms (${cell.runs} runs, least ${short(cell.minMs)}, CPU ${short(cell.cpuMs)})`,
    `${short(cell.imagesPerSecond)} images/s`,
    `${short(cell.gflops)} GFLOP/s, ${percent(cell.shareOfCeiling)} of the ceiling`,
    `error ${cell.error?.toExponential(1)}`,
    cell.counts && JSON.stringify(cell.counts),
    `others ${percent(cell.others)}`,
  ];
  return `${job} ${parts.filter(Boolean).join(', ')}`;
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |\n`;
  const rule = head.map((_, i) => (i === 0 ? '---' : '--:'));
  return line(head) + line(rule) + rows.map(line).join('');
}

function ceilings({ wasmCeilings: wasm, gpuCeilings: gpu }: Results): string {
  const rows: string[][] = [];
  if (wasm) {
    rows.push(['WASM SIMD, 1 thread, multiply then add', `${short(wasm.mulAdd)} GFLOP/s`]);
    rows.push([
      'WASM SIMD, 1 thread, `relaxed_madd`',
      wasm.relaxedMadd ? `${short(wasm.relaxedMadd)} GFLOP/s` : 'none',
    ]);
  }
  if (gpu) {
    rows.push(['WebGPU adapter', `${gpu.adapter}${gpu.software ? ' (software)' : ''}`]);
    rows.push(['WebGPU, multiply-add', `${short(gpu.fmaGflops)} GFLOP/s`]);
    rows.push([
      'WebGPU, copy by a shader, by copyBufferToBuffer',
      `${short(gpu.shaderCopyGBs)}, ${short(gpu.bufferCopyGBs)} GB/s`,
    ]);
    rows.push(['WebGPU, one more dispatch', `${short(gpu.dispatchUs)} µs`]);
    rows.push([
      'WebGPU, submit and wait; submit, copy and read',
      `${short(gpu.submitMs)}, ${short(gpu.readBackMs)} ms`,
    ]);
  }
  return rows.length === 0 ? '' : `${table(['ceiling', 'measured'], rows)}\n`;
}

function cellRow(cell: Cell): string[] {
  const verdict = cell.wrong ? `**wrong**, off by ${cell.error?.toExponential(1)}` : `skipped: ${cell.skipped ?? ''}`;
  const timed = cell.medianMs !== undefined;
  return [
    title(cell.runtime),
    timed ? `${short(cell.medianMs)} (${cell.runs})` : verdict,
    short(cell.cpuMs),
    short(cell.imagesPerSecond),
    short(cell.gflops),
    percent(cell.shareOfCeiling),
    short(cell.loadMs),
    short(cell.firstMs),
    timed ? (cell.error?.toExponential(0) ?? '') : '',
    cell.counts ? [cell.counts.dispatches, cell.counts.submits, cell.counts.buffersCreated].join(' / ') : '',
    cell.counts ? short(cell.counts.bytesMoved / 1024) : '',
    percent(cell.others),
  ];
}

const HEAD = [
  'runtime',
  'median ms (runs)',
  'CPU ms',
  'images/s',
  'GFLOP/s',
  'of the ceiling',
  'load ms',
  'first call ms',
  'error',
  'dispatches / submits / new buffers',
  'KiB moved',
  "others' CPU",
];

function firstPictureTable({ firstPicture: first }: Results): string {
  if (!first) {
    return '';
  }
  const rows = [
    [`from navigation to the first sampled picture, median of ${first.visits}`, `${short(first.medianMs)} ms`],
    ['the least', `${short(first.leastMs)} ms`],
    ['longest task of the main thread until then, median', `${short(first.longestTaskMs)} ms`],
    ['sent until then, compressed as hosts do', `${short(first.bytes / 1024)} KiB`],
    ['a hundred images sampled and shown, median', `${short(first.samplingMs)} ms`],
    ['longest task of the main thread meanwhile, median', `${short(first.samplingLongestTaskMs)} ms`],
    ...first.wasm.map(({ file, bytes, gzip }) => [file, `${short(bytes / 1024)} KiB, ${short(gzip / 1024)} with gzip`]),
  ];
  return `### first picture\n\n${table(['what', 'measured'], rows)}\n`;
}

function scalingTable({ scaling = [] }: Results): string {
  if (scaling.length === 0) {
    return '';
  }
  const rows = scaling.map((point) => [
    `${point.axis} ${point.value}`,
    String(point.batch),
    short(point.multiplyAdds / 1e6),
    short(point.imagesPerSecond),
    short(point.cpuMs),
    short(rate(point)),
  ]);
  return `### cost against size, one worker\n\n${table(['size', 'batch', 'M multiply-adds', 'images/s', 'CPU ms', 'GFLOP per second of CPU time'], rows)}\n`;
}

/** All tables. */
export function markdown(results: Results): string {
  const { machine, browser, date, models, cells } = results;
  const macs = Object.entries(models).map(([name, { multiplyAdds }]) => `${name} ${short(multiplyAdds / 1e6)} M`);
  const head = [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB; Chromium ${browser}; ${date.slice(0, 16).replace('T', ' ')} UTC.`,
    `Multiply-adds an image: ${macs.join(', ')}.`,
  ];
  const jobs = [...new Set(cells.map(({ model, direction, batch }) => `${model}, ${direction}, batch ${batch}`))];
  const tables = jobs.map((job) => {
    const rows = cells.filter(({ model, direction, batch }) => `${model}, ${direction}, batch ${batch}` === job);
    return `### ${job}\n\n${table(HEAD, rows.map(cellRow))}\n`;
  });
  return `${head.join(' ')}\n\n${ceilings(results)}${tables.join('\n')}${firstPictureTable(results)}${scalingTable(results)}`;
}
