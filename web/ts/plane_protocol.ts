import type {
  PlaneOptions,
  PlanePoints,
  PlaneReadout,
  PlaneSet,
  PlaneSettings,
  PlaneView,
  PlaneViewOptions,
} from './plane_types.js';
import type { RequestOf } from './rpc.js';

/** Every call that the plane's worker answers: what it takes and what it gives. */
export interface PlaneCalls {
  start: { takes: PlaneOptions; gives: null };
  set: { takes: PlaneSettings; gives: null };
  setPoints: { takes: { set: PlaneSet; count: number; own: PlanePoints }; gives: PlanePoints };
  step: { takes: number; gives: PlaneReadout };
  look: { takes: PlaneViewOptions; gives: PlaneView };
}

/** The name of a call. */
export type PlaneCallName = keyof PlaneCalls;

/** From the trainer to its worker: one call. */
export type PlaneRequest<Name extends PlaneCallName = PlaneCallName> = RequestOf<PlaneCalls, Name>;
