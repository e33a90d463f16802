// The worker: owns the wasm and the one model that it runs, and answers calls in the order in which they come.

import init, { Engine } from '../pkg/ibinn_web.js';
import { messageOf } from './error.js';
import type { CallName, Calls, Reply, Request } from './protocol.js';
import type { Adapter } from './types.js';

const STOPPED = "the engine stopped because of an error in it; load the model again (the browser's console says more)";

const started = init();
// Whoever loads a model is told; until then nobody waits for it.
started.catch(() => undefined);

let engine: Engine | undefined;
let gpu: string | undefined;

function loaded(): Engine {
  if (engine === undefined) {
    throw new Error('no model is loaded');
  }
  return engine;
}

const answers: { [Name in CallName]: (takes: Calls[Name]['takes']) => Promise<Calls[Name]['gives']> } = {
  load: async ({ bytes, name, executor }) => {
    try {
      await started;
    } catch (thrown) {
      throw new Error(`the engine could not be started in this browser: ${messageOf(thrown)}`);
    }
    engine = await Engine.load(bytes, name, executor);
    gpu = engine.adapter.executor === 'gpu' ? await gpuName() : undefined;
    return { card: engine.card, spec: engine.spec };
  },
  encode: (pixels) => loaded().encode(pixels),
  decode: (z) => loaded().decode(z),
  classify: (pixels) => loaded().classify(pixels),
  sample: (o) => loaded().sample(o.class, o.count, o.temperature, o.seed, o.first),
  interpolate: ({ a, b, steps }) => loaded().interpolate(a, b, steps),
  project: async (z) => loaded().project(z),
  unproject: async ({ points, from }) => loaded().unproject(points, from),
  loseDevice: async () => {
    loaded().loseDevice();
    return null;
  },
  panic: async () => {
    await loaded().panic();
    return null;
  },
};

/** The GPU's name as far as the browser tells it: most leave the description, all that wgpu passes on, empty. */
async function gpuName(): Promise<string | undefined> {
  const info = (await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' }))?.info;
  return info?.description || [info?.vendor, info?.architecture].filter(Boolean).join(' ') || undefined;
}

function adapter(): Adapter {
  const adapter: Adapter = loaded().adapter;
  return gpu === undefined ? adapter : { ...adapter, name: gpu };
}

/** The buffers of all typed arrays in a result: they are handed over instead of copied. */
function buffers(value: unknown): Transferable[] {
  if (ArrayBuffer.isView(value)) {
    return [value.buffer as ArrayBuffer];
  }
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(buffers) : [];
}

function reply(message: Reply, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer });
}

async function answer<Name extends CallName>({ id, name, takes }: Request<Name>): Promise<void> {
  try {
    const gives = await answers[name](takes);
    reply({ kind: 'given', id, gives, adapter: adapter() }, buffers(gives));
  } catch (thrown) {
    if (thrown instanceof WebAssembly.RuntimeError) {
      reply({ kind: 'stopped', sentence: STOPPED });
    } else {
      reply({ kind: 'refused', id, sentence: messageOf(thrown) });
    }
  }
}

// A panic inside of an asynchronous call surfaces here, and its promise never settles.
for (const event of ['error', 'unhandledrejection']) {
  self.addEventListener(event, () => reply({ kind: 'stopped', sentence: STOPPED }));
}

// The engine takes one call at a time.
let last: Promise<void> = Promise.resolve();
self.onmessage = ({ data }: MessageEvent<Request>) => {
  last = last.then(() => answer(data));
};
