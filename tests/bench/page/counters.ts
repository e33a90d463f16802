// Counts what is asked of WebGPU, wherever it runs: the page, or the worker of our module.

import type { Counts } from '../shared/results.js';

/**
 * Begins to count in this scope, and returns the counts so far from then on.
 *
 * Uses nothing but its own body, as Playwright hands its text to workers.
 */
export function count(): Counts {
  const scope = globalThis as typeof globalThis & { counts?: Counts };
  if (scope.counts !== undefined) {
    return { ...scope.counts };
  }
  const counts: Counts = { dispatches: 0, submits: 0, buffersCreated: 0, bytesMoved: 0 };
  scope.counts = counts;
  const watch = (prototype: object | undefined, method: string, seen: (args: unknown[], self: unknown) => void) => {
    const methods = prototype as Record<string, (...args: unknown[]) => unknown> | undefined;
    const original = methods?.[method];
    if (methods === undefined || original === undefined) {
      return;
    }
    methods[method] = function (this: unknown, ...args: unknown[]) {
      seen(args, this);
      return original.apply(this, args);
    };
  };
  const pass = globalThis.GPUComputePassEncoder?.prototype;
  watch(pass, 'dispatchWorkgroups', () => counts.dispatches++);
  watch(pass, 'dispatchWorkgroupsIndirect', () => counts.dispatches++);
  watch(globalThis.GPUQueue?.prototype, 'submit', () => counts.submits++);
  watch(globalThis.GPUQueue?.prototype, 'writeBuffer', ([, , data, offset, size]) => {
    const { byteLength, BYTES_PER_ELEMENT = 1 } = data as ArrayBuffer & { BYTES_PER_ELEMENT?: number };
    const all = byteLength / BYTES_PER_ELEMENT - ((offset as number | undefined) ?? 0);
    counts.bytesMoved += ((size as number | undefined) ?? all) * BYTES_PER_ELEMENT;
  });
  watch(globalThis.GPUDevice?.prototype, 'createBuffer', ([descriptor]) => {
    counts.buffersCreated++;
    const { mappedAtCreation, size } = descriptor as GPUBufferDescriptor;
    counts.bytesMoved += mappedAtCreation ? size : 0;
  });
  watch(globalThis.GPUCommandEncoder?.prototype, 'copyBufferToBuffer', (args) => {
    // Either (source, offset, target, offset, size), or (source, target, size).
    const size = (typeof args[1] === 'number' ? args[4] : args[2]) as number | undefined;
    counts.bytesMoved += size ?? (args[0] as GPUBuffer).size;
  });
  watch(globalThis.GPUBuffer?.prototype, 'getMappedRange', ([offset, size], self) => {
    const buffer = self as GPUBuffer;
    if ((buffer.usage & 1) !== 0) {
      counts.bytesMoved += (size as number | undefined) ?? buffer.size - ((offset as number | undefined) ?? 0);
    }
  });
  return { ...counts };
}
