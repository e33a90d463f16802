import type { LabOptions, LabPoints, LabReadout, LabSet, LabSettings, LabView, LabViewOptions } from './lab.js';
import type { RequestOf } from './line.js';

/** Every call that the lab's worker answers: what it takes and what it gives. */
export interface LabCalls {
  start: { takes: LabOptions; gives: null };
  set: { takes: LabSettings; gives: null };
  setPoints: { takes: { set: LabSet; count: number; own: LabPoints }; gives: LabPoints };
  step: { takes: number; gives: LabReadout };
  look: { takes: LabViewOptions; gives: LabView };
}

/** The name of a call. */
export type LabCallName = keyof LabCalls;

/** From the lab to its worker: one call. */
export type LabRequest<Name extends LabCallName = LabCallName> = RequestOf<LabCalls, Name>;
