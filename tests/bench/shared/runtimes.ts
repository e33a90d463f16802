// The runtimes that are compared, and what they are compared as.

/** Runtimes of one class do the same work with the same means, and are measured in turns. */
export type Class = 'wasm' | 'wasm-threads' | 'webgpu';

/** One way to run a model in a browser. */
export interface RuntimeInfo {
  /** Its name on the command line and in results. */
  name: string;
  /** Its name for people. */
  title: string;
  class: Class;
  /** The page's module, and which variant of it. */
  module: 'ours' | 'ort' | 'tfjs' | 'jax';
  variant: string;
}

/** All of them; `ours` first. */
export const RUNTIMES: RuntimeInfo[] = [
  { name: 'ours-cpu', title: 'ibinn, CPU, 1 worker', class: 'wasm', module: 'ours', variant: 'cpu' },
  { name: 'ort-wasm', title: 'ONNX Runtime Web, WASM, 1 thread', class: 'wasm', module: 'ort', variant: 'wasm' },
  { name: 'tfjs-wasm', title: 'TensorFlow.js, WASM', class: 'wasm', module: 'tfjs', variant: 'wasm' },
  { name: 'ours-workers', title: 'ibinn, CPU, 2 workers', class: 'wasm-threads', module: 'ours', variant: 'workers' },
  {
    name: 'ort-threads',
    title: 'ONNX Runtime Web, WASM, 2 threads',
    class: 'wasm-threads',
    module: 'ort',
    variant: 'threads',
  },
  { name: 'ours-gpu', title: 'ibinn, GPU', class: 'webgpu', module: 'ours', variant: 'gpu' },
  { name: 'jax-webgpu', title: 'jax-js, WebGPU', class: 'webgpu', module: 'jax', variant: 'webgpu' },
  { name: 'ort-webgpu', title: 'ONNX Runtime Web, WebGPU', class: 'webgpu', module: 'ort', variant: 'webgpu' },
  {
    name: 'ort-webgpu-padded',
    title: 'ONNX Runtime Web, WebGPU, channels padded',
    class: 'webgpu',
    module: 'ort',
    variant: 'webgpu-padded',
  },
  { name: 'tfjs-webgpu', title: 'TensorFlow.js, WebGPU', class: 'webgpu', module: 'tfjs', variant: 'webgpu' },
];
