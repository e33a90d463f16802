// The lab's worker: owns the wasm and the one lab that it trains.

import { Lab } from '../pkg/ibinn_web.js';
import { answerCalls } from './answering.js';
import { messageOf } from './error.js';
import type { LabLoss } from './lab.js';
import type { LabCallName, LabCalls, LabRequest } from './lab_protocol.js';
import { startWasm } from './wasm.js';

const STOPPED = "the lab stopped because of an error in it; start it again (the browser's console says more)";

const started = startWasm();
// Whoever starts a lab is told; until then nobody waits for it.
started.catch(() => undefined);

let lab: Lab | undefined;

function running(): Lab {
  if (lab === undefined) {
    throw new Error('no lab is started');
  }
  return lab;
}

function weightOf(loss: LabLoss): number {
  return loss.kind === 'ib' ? loss.gamma : loss.dims;
}

const answers: { [Name in LabCallName]: (takes: LabCalls[Name]['takes']) => LabCalls[Name]['gives'] } = {
  start: ({ classes, seed, loss, rate, noise }) => {
    const fresh = new Lab(classes, seed, loss.kind, weightOf(loss), rate, noise);
    lab?.free();
    lab = fresh;
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

async function answer<Name extends LabCallName>({ name, takes }: LabRequest<Name>): Promise<object> {
  try {
    await started;
  } catch (thrown) {
    throw new Error(`the lab could not be started in this browser: ${messageOf(thrown)}`);
  }
  return { gives: answers[name](takes) };
}

answerCalls<LabRequest>(answer, STOPPED);
