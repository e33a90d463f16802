import type { CoursePictures, CourseReadout, CourseSettings, Learnt } from './course_types.js';
import type { RequestOf } from './rpc.js';

/** What helpers and the page need to know of a course. */
export interface CourseFacts {
  spec: string;
  permutation: Uint32Array;
  seed: number;
  groups: number;
  steps: number;
  heldOut: number;
}

/** What the slope of a group is computed from, beside the parameters. */
export interface SlopeTask {
  images: Float32Array;
  labels: Uint16Array;
  gamma: number;
  number: number;
}

/** What a group says of the next step: its loss with its terms, and the gradient with its statistics. */
export interface GroupSlope {
  terms: Float64Array;
  numbers: Float32Array;
}

/** A step for the helpers: the parameters, and the tasks that are theirs. */
export interface Share {
  values: Float32Array;
  tasks: SlopeTask[];
}

/**
 * Every call that a course's worker answers: what it takes and what it gives. One of them has the course; its helpers know of
 * `help` and `slopes` alone.
 */
export interface CourseCalls {
  start: {
    takes: { pictures: CoursePictures; model: Uint8Array | undefined; seed: number } & CourseSettings;
    gives: CourseFacts;
  };
  resume: { takes: { checkpoint: Uint8Array; pictures: CoursePictures }; gives: CourseFacts };
  knownAtOnce: { takes: { pictures: CoursePictures; model: Uint8Array; seed: number }; gives: Learnt };
  set: { takes: CourseSettings; gives: null };
  setPictures: { takes: CoursePictures; gives: CourseFacts };
  /** Begins a step: what each of `helpers` helpers is to do of it. */
  begin: { takes: { helpers: number }; gives: Share[] };
  /** Computes the slopes of the groups that are nobody else's. */
  compute: { takes: { groups: number[] }; gives: null };
  finish: { takes: { groups: number[]; slopes: GroupSlope[] }; gives: CourseReadout };
  learnt: { takes: null; gives: Learnt };
  checkpoint: { takes: null; gives: Uint8Array };
  help: { takes: { spec: string; permutation: Uint32Array; seed: number }; gives: null };
  slopes: { takes: Share; gives: GroupSlope[] };
}

/** The name of a call. */
export type CourseCallName = keyof CourseCalls;

/** To a course's worker: one call. */
export type CourseRequest<Name extends CourseCallName = CourseCallName> = RequestOf<CourseCalls, Name>;
