// The worker: owns the wasm and the one model that it runs.

import init, { Engine } from '../pkg/ibinn_web.js';
import { answerCalls } from './answering.js';
import { messageOf } from './error.js';
import type { CallName, Calls, Request } from './protocol.js';
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
  posterior: async (z) => loaded().posterior(z),
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

async function answer<Name extends CallName>({ name, takes }: Request<Name>): Promise<object> {
  return { gives: await answers[name](takes), adapter: adapter() };
}

answerCalls<Request>(answer, STOPPED);
