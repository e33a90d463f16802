// The worker: owns the wasm and the one model that it runs.

import { Engine } from '../pkg/ibinn_web.js';
import { answerCalls } from './answering.js';
import { messageOf } from './error.js';
import type { CallName, Calls, Request } from './protocol.js';
import type { Adapter } from './types.js';
import { startWasm } from './wasm.js';

const STOPPED = "the engine stopped because of an error in it; load the model again (the browser's console says more)";

const started = startWasm();
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
  encode: ({ rows, first }) => loaded().encode(rows, first),
  bothWays: async ({ pixels, number }) => loaded().bothWays(pixels, number),
  decode: ({ rows, first }) => loaded().decode(rows, first),
  classify: ({ rows, first }) => loaded().classify(rows, first),
  sample: (o) => loaded().sample(o.class, o.count, o.temperature, o.seed, o.first, o.from, o.to),
  interpolate: ({ a, b, steps, from, to }) => loaded().interpolate(a, b, steps, from, to),
  posterior: async (z) => loaded().posterior(z),
  noveltyP: async (z) => loaded().noveltyP(z),
  project: async (z) => loaded().project(z),
  unproject: async ({ points, from }) => loaded().unproject(points, from),
  bitsPerDim: async (lX) => loaded().bitsPerDim(lX),
  shareBelow: async (lX) => loaded().shareBelow(lX),
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

async function answer<Name extends CallName>({ name, takes }: Request<Name>): Promise<object> {
  const started = performance.now();
  const gives = await answers[name](takes);
  return { gives, adapter: adapter(), ms: performance.now() - started };
}

answerCalls<Request>(answer, STOPPED);
