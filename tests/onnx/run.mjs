// Runs ONNX files with ONNX Runtime on the CPU: node run.mjs FOLDER…
// A folder holds model.onnx and, for its input, NAME.f32 (raw little-endian numbers) with the shape in NAME.json; its
// outputs are written beside them as NAME.f32.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-web';

// Sums in one thread are taken in one order.
ort.env.wasm.numThreads = 1;

for (const folder of process.argv.slice(2)) {
  const session = await ort.InferenceSession.create(readFileSync(join(folder, 'model.onnx')), {
    executionProviders: ['wasm'],
  });
  const inputs = readdirSync(folder).filter((file) => file.endsWith('.json'));
  const feeds = inputs.map((file) => {
    const name = file.slice(0, -'.json'.length);
    // Copied, as typed arrays must be aligned.
    const { buffer } = new Uint8Array(readFileSync(join(folder, `${name}.f32`)));
    return [
      name,
      new ort.Tensor('float32', new Float32Array(buffer), JSON.parse(readFileSync(join(folder, file), 'utf8'))),
    ];
  });
  const outputs = await session.run(Object.fromEntries(feeds));
  for (const [name, { data }] of Object.entries(outputs)) {
    writeFileSync(join(folder, `${name}.f32`), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  await session.release();
}
