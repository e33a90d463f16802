// What the WebGPU adapter can do at most, and what its calls cost.

import type { GpuCeilings } from '../../shared/results.js';

const WORKGROUP = 64;
const FMA_GROUPS = 256;
const FMA_STEPS = 512;
const COPY_BYTES = 64 << 20;
const MANY_DISPATCHES = 1000;

/** A device to measure on, and the kernel whose rate counts as the ceiling. */
interface Bench {
  device: GPUDevice;
  info: GPUAdapterInfo;
  fma: Kernel[];
}

interface Kernel {
  pipeline: GPUComputePipeline;
  bindings: GPUBindGroup;
  groups: number;
  /** Floating-point operations, or bytes, of one dispatch. */
  amount: number;
}

let bench: Promise<Bench> | undefined;

async function prepared(): Promise<Bench> {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    throw new Error('the browser offers no WebGPU adapter');
  }
  const device = await adapter.requestDevice();
  const fma = [];
  for (const [type, lanes, accumulators, unrolled] of [
    ['vec4f', 4, 4, 16],
    ['vec4f', 4, 8, 8],
    ['vec2f', 2, 8, 16],
  ] as const) {
    fma.push(await fmaKernel(device, type, lanes, accumulators, unrolled));
  }
  return { device, info: adapter.info, fma };
}

async function kernel(
  device: GPUDevice,
  code: string,
  buffers: GPUBuffer[],
  groups: number,
  amount: number,
): Promise<Kernel> {
  const module = device.createShaderModule({ code });
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  const bindings = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  return { pipeline, bindings, groups, amount };
}

function storage(device: GPUDevice, size: number): GPUBuffer {
  return device.createBuffer({
    size,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
}

/** Independent chains of multiply-adds; unrolled, since what a loop carries over is costly on software adapters. */
function fmaKernel(
  device: GPUDevice,
  type: string,
  lanes: number,
  accumulators: number,
  unrolled: number,
): Promise<Kernel> {
  const names = Array.from({ length: accumulators }, (_, i) => `a${i}`);
  const turn = names.map((name) => `${name} = fma(${name}, factor, term);`).join('\n');
  const code = `
    @group(0) @binding(0) var<storage, read_write> sums: array<${type}>;
    @compute @workgroup_size(${WORKGROUP})
    fn main(@builtin(global_invocation_id) id: vec3u) {
      let small = ${type}(f32(id.x) * 1e-6);
      let factor = small + 0.999;
      let term = small + 0.001;
      ${names.map((name, i) => `var ${name} = small + ${i}.0;`).join('\n')}
      for (var i = 0; i < ${FMA_STEPS / unrolled}; i++) {
        ${Array(unrolled).fill(turn).join('\n')}
      }
      sums[id.x] = ${names.join(' + ')};
    }`;
  const threads = FMA_GROUPS * WORKGROUP;
  const flops = 2 * threads * FMA_STEPS * accumulators * lanes;
  return kernel(device, code, [storage(device, threads * 16)], FMA_GROUPS, flops);
}

/** Eight vec4 a thread, neighbours side by side. */
function copyKernel(device: GPUDevice, from: GPUBuffer, to: GPUBuffer): Promise<Kernel> {
  const each = 8;
  const code = `
    @group(0) @binding(0) var<storage, read> source: array<vec4f>;
    @group(0) @binding(1) var<storage, read_write> dest: array<vec4f>;
    @compute @workgroup_size(${WORKGROUP})
    fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
      let first = group.x * ${each * WORKGROUP}u + thread;
      ${Array.from({ length: each }, (_, i) => `dest[first + ${i * WORKGROUP}u] = source[first + ${i * WORKGROUP}u];`).join('\n')}
    }`;
  return kernel(device, code, [from, to], COPY_BYTES / 16 / each / WORKGROUP, 2 * COPY_BYTES);
}

function tinyKernel(device: GPUDevice): Promise<Kernel> {
  const code = `
    @group(0) @binding(0) var<storage, read_write> numbers: array<f32>;
    @compute @workgroup_size(${WORKGROUP})
    fn main(@builtin(local_invocation_index) thread: u32) {
      numbers[thread] += 1.0;
    }`;
  return kernel(device, code, [storage(device, WORKGROUP * 4)], 1, 0);
}

/** Milliseconds from submitting `repeats` dispatches to seeing them done. */
async function dispatched(device: GPUDevice, { pipeline, bindings, groups }: Kernel, repeats: number): Promise<number> {
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindings);
  for (let i = 0; i < repeats; i++) {
    pass.dispatchWorkgroups(groups);
  }
  pass.end();
  const commands = encoder.finish();
  const started = performance.now();
  device.queue.submit([commands]);
  await device.queue.onSubmittedWorkDone();
  return performance.now() - started;
}

async function least(times: number, run: () => Promise<number>): Promise<number> {
  let best = Infinity;
  for (let i = 0; i < times; i++) {
    best = Math.min(best, await run());
  }
  return best;
}

/** Amount a millisecond, in batches of at least `ms`. */
async function rate(device: GPUDevice, kernel: Kernel, ms: number, times: number): Promise<number> {
  const once = await least(2, () => dispatched(device, kernel, 1));
  const repeats = Math.max(1, Math.ceil(ms / once));
  return (repeats * kernel.amount) / (await least(times, () => dispatched(device, kernel, repeats)));
}

/** The rate of multiply-adds alone, in GFLOP/s: the best of the kernel's shapes, over about `ms` each. */
export async function gpuFmaGflops(ms: number): Promise<number> {
  const { device, fma } = await (bench ??= prepared());
  let best = 0;
  for (const kernel of fma) {
    best = Math.max(best, (await rate(device, kernel, ms, 1)) / 1e6);
  }
  return best;
}

/** Measures everything; takes some seconds. */
export async function gpuCeilings(): Promise<GpuCeilings> {
  const { device, info, fma } = await (bench ??= prepared());
  let fmaGflops = 0;
  for (const kernel of fma) {
    fmaGflops = Math.max(fmaGflops, (await rate(device, kernel, 50, 5)) / 1e6);
  }
  const [from, to] = [storage(device, COPY_BYTES), storage(device, COPY_BYTES)];
  const shaderCopyGBs = (await rate(device, await copyKernel(device, from, to), 50, 4)) / 1e6;
  const bufferCopyMs = await least(5, async () => {
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(from, 0, to, 0, COPY_BYTES);
    const commands = encoder.finish();
    const started = performance.now();
    device.queue.submit([commands]);
    await device.queue.onSubmittedWorkDone();
    return performance.now() - started;
  });
  from.destroy();
  to.destroy();
  const tiny = await tinyKernel(device);
  const submitMs = await least(30, () => dispatched(device, tiny, 1));
  const manyMs = await least(5, () => dispatched(device, tiny, MANY_DISPATCHES));
  return {
    adapter: [info.vendor, info.architecture, info.description].filter(Boolean).join(' '),
    software: info.isFallbackAdapter === true,
    fmaGflops,
    shaderCopyGBs,
    bufferCopyGBs: (2 * COPY_BYTES) / bufferCopyMs / 1e6,
    dispatchUs: ((manyMs - submitMs) * 1e3) / (MANY_DISPATCHES - 1),
    submitMs,
    readBackMs: await readBackMs(device),
  };
}

async function readBackMs(device: GPUDevice): Promise<number> {
  const from = storage(device, 256);
  const to = device.createBuffer({ size: 256, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const best = await least(30, async () => {
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(from, 0, to, 0, 256);
    const commands = encoder.finish();
    const started = performance.now();
    device.queue.submit([commands]);
    await to.mapAsync(GPUMapMode.READ);
    const elapsed = performance.now() - started;
    to.unmap();
    return elapsed;
  });
  from.destroy();
  to.destroy();
  return best;
}
