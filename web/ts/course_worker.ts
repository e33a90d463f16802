// A course's worker: owns the wasm and the course, or helps the one that does.

import { Course, CourseHelper, CoursePictures, knownAtOnce } from '../pkg/ibinn_training.js';
import { answerCalls } from './answering.js';
import type {
  CourseCallName,
  CourseCalls,
  CourseFacts,
  CourseRequest,
  GroupSlope,
  SlopeTask,
} from './course_protocol.js';
import type { CoursePictures as Pictures } from './course_types.js';
import { messageOf } from './error.js';
import { startTrainingWasm } from './training_wasm.js';

const STOPPED =
  "the training stopped because of an error in it; go on from where it was saved (the browser's console says more)";

const started = startTrainingWasm();
// Whoever starts a course is told; until then nobody waits for it.
started.catch(() => undefined);

let course: Course | undefined;
let helper: CourseHelper | undefined;

function running(): Course {
  if (course === undefined) {
    throw new Error('no training is started');
  }
  return course;
}

function begun(fresh: Course): CourseFacts {
  course?.free();
  course = fresh;
  return fresh.facts();
}

const read = ({ channels, height, width, classes, bytes, labels }: Pictures) =>
  new CoursePictures(channels, height, width, classes, bytes, labels);

/** The groups of a step that are a worker's, 0 being the one that has the course. */
function groupsOf(worker: number, workers: number, groups: number): number[] {
  return Array.from({ length: groups }, (_, group) => group).filter((group) => group % workers === worker);
}

const answers: { [Name in CourseCallName]: (takes: CourseCalls[Name]['takes']) => CourseCalls[Name]['gives'] } = {
  start: ({ pictures, model, gamma, strength, seed }) =>
    begun(Course.start(read(pictures), model, gamma, strength, seed)),
  resume: ({ checkpoint, pictures }) => begun(Course.resume(checkpoint, read(pictures))),
  knownAtOnce: ({ pictures, model, seed }) => {
    const given = read(pictures);
    try {
      return knownAtOnce(model, given, seed);
    } finally {
      given.free();
    }
  },
  set: ({ gamma, strength }) => {
    running().set(gamma, strength);
    return null;
  },
  setPictures: (pictures) => {
    running().setPictures(read(pictures));
    return running().facts();
  },
  begin: ({ helpers }) => {
    const groups = running().begin();
    const share = (_: unknown, i: number) => {
      const theirs = groupsOf(i + 1, helpers + 1, groups);
      const tasks: SlopeTask[] = theirs.map((group) => running().task(group));
      return { values: tasks.length > 0 ? running().values() : new Float32Array(), tasks };
    };
    return Array.from({ length: helpers }, share);
  },
  compute: ({ groups }) => {
    for (const group of groups) {
      running().compute(group);
    }
    return null;
  },
  finish: ({ groups, slopes }) => {
    for (const [i, { terms, numbers }] of slopes.entries()) {
      running().give(groups[i] as number, terms, numbers);
    }
    return running().finish();
  },
  learnt: () => running().learnt(),
  checkpoint: () => running().checkpoint(),
  help: ({ spec, permutation, seed }) => {
    helper?.free();
    helper = new CourseHelper(spec, permutation, seed);
    return null;
  },
  slopes: ({ values, tasks }) => {
    const slope = ({ images, labels, gamma, number }: SlopeTask): GroupSlope => {
      if (helper === undefined) {
        throw new Error('no training is started');
      }
      return helper.slope(values, images, labels, gamma, number);
    };
    return tasks.map(slope);
  },
};

async function answer<Name extends CourseCallName>({ name, takes }: CourseRequest<Name>): Promise<object> {
  try {
    await started;
  } catch (thrown) {
    throw new Error(`training could not be started in this browser: ${messageOf(thrown)}`);
  }
  return { gives: answers[name](takes) };
}

answerCalls<CourseRequest>(answer, STOPPED);
