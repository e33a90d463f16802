// The plane's worker: owns the wasm and the one flow that it trains.

import { PlaneTrainer } from '../pkg/ibinn_web.js';
import { answerCalls } from './answering.js';
import { messageOf } from './error.js';
import type { PlaneLoss } from './plane_types.js';
import type { PlaneCallName, PlaneCalls, PlaneRequest } from './plane_protocol.js';
import { startWasm } from './wasm.js';

const STOPPED =
  "the training on the plane stopped because of an error in it; start it again (the browser's console says more)";

const started = startWasm();
// Whoever starts a trainer is told; until then nobody waits for it.
started.catch(() => undefined);

let trainer: PlaneTrainer | undefined;

function running(): PlaneTrainer {
  if (trainer === undefined) {
    throw new Error('no training is started');
  }
  return trainer;
}

function weightOf(loss: PlaneLoss): number {
  return loss.kind === 'ib' ? loss.gamma : loss.dims;
}

const answers: { [Name in PlaneCallName]: (takes: PlaneCalls[Name]['takes']) => PlaneCalls[Name]['gives'] } = {
  start: ({ classes, seed, loss, rate, noise }) => {
    const fresh = new PlaneTrainer(classes, seed, loss.kind, weightOf(loss), rate, noise);
    trainer?.free();
    trainer = fresh;
    return null;
  },
  set: ({ loss, rate, noise }) => {
    running().set(loss.kind, weightOf(loss), rate, noise);
    return null;
  },
  setPoints: ({ set, count, own }) => running().setPoints(set, count, own.x, own.classes),
  step: (count) => running().step(count),
  look: ({ extent, lines, places, side }) => running().look(extent, lines, places, side),
};

async function answer<Name extends PlaneCallName>({ name, takes }: PlaneRequest<Name>): Promise<object> {
  try {
    await started;
  } catch (thrown) {
    throw new Error(`training on the plane could not be started in this browser: ${messageOf(thrown)}`);
  }
  return { gives: answers[name](takes) };
}

answerCalls<PlaneRequest>(answer, STOPPED);
