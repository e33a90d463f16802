// ONNX Runtime Web: its WebAssembly backend with one or two threads, and its WebGPU backend.

import type * as Ort from 'onnxruntime-web';
import { Network } from '../network.js';
import { GraphWriter } from '../onnx.js';
import { outputs, type Load } from '../session.js';

const DIST = '/packages/onnxruntime-web/dist/';

/** `wasm`, `threads`, `webgpu`, or `webgpu-padded` with channels padded to multiples of four. */
export const load: Load = async (variant) => {
  const gpu = variant.startsWith('webgpu');
  const ort = (await import(`${DIST}${gpu ? 'ort.webgpu.min.mjs' : 'ort.wasm.min.mjs'}`)) as typeof Ort;
  ort.env.wasm.wasmPaths = location.origin + DIST;
  ort.env.wasm.numThreads = variant === 'threads' ? 2 : 1;
  ort.env.logLevel = 'error';
  return {
    async open({ model, direction, batch }) {
      const network = await Network.read(model);
      const { input, dims } = network.description;
      const writer = new GraphWriter(variant === 'webgpu-padded');
      const start = writer.input('input', direction === 'encode' ? [batch, ...input] : [batch, dims]);
      const encoded = direction === 'encode' ? network.encode(writer, start) : undefined;
      const ends = encoded ? [encoded.z, encoded.logDet] : [network.decode(writer, start)];
      const session = await ort.InferenceSession.create(writer.model(start, ends), {
        executionProviders: [gpu ? 'webgpu' : 'wasm'],
        graphOptimizationLevel: 'all',
      });
      return {
        unit: 'x',
        async run(values) {
          const results = await session.run({ input: new ort.Tensor('float32', values, start.shape) });
          const arrays = ends.map(async ({ name }) => (await results[name]?.getData()) as Float32Array);
          return outputs(direction, await Promise.all(arrays));
        },
        close: () => session.release(),
      };
    },
  };
};
