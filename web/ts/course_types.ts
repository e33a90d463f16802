/** Pictures of two to ten classes, all of one shape. */
export interface CoursePictures {
  /** Colour channels C: 1 or 3. */
  channels: number;
  /** Rows H. */
  height: number;
  /** Columns W. */
  width: number;
  /** Names of the classes. */
  classes: string[];
  /** All pictures as bytes, N×C×H×W. */
  bytes: Uint8Array;
  /** The class of each, N. */
  labels: Uint16Array;
}

/** What may change between two steps. */
export interface CourseSettings {
  /** The trade-off γ between generative quality (0) and accuracy (infinite). */
  gamma: number;
  /** How much pictures are moved, turned, scaled and lit otherwise each time that they are learnt from, from 0 to 1. */
  strength: number;
}

/** How to begin a course. */
export interface CourseOptions extends CourseSettings {
  /** What is learnt; every fifth of a class is held out. */
  pictures: CoursePictures;
  /** The bytes of a model file whose flow is to learn them; a fresh flow where there is none. */
  model?: Uint8Array;
  /** Seed of every random draw; 0 when left out. */
  seed?: number;
  /**
   * As many workers may share a step: a number from 1 up, or `auto` for as many as the machine has cores for, four at most;
   * `auto` when left out. What is learnt does not depend on it.
   */
  workers?: number | 'auto';
}

/** What a step says of its batch. */
export interface CourseReadout {
  /** Steps taken, this one included. */
  steps: number;
  /** Pictures of a step. */
  images: number;
  /** The loss that is minimised. */
  loss: number;
  /** L_X in nats per dimension. */
  lX: number;
  /** L_Y in nats. */
  lY: number;
  /** Share of the batch that was classified rightly, from 0 to 1. */
  accuracy: number;
}

/** What has been learnt of pictures. */
export interface Learnt {
  /** The bytes of a model file. */
  file: Uint8Array;
  /**
   * Of the pictures of each class (rows), as they are and little varied, how many are taken for each class (columns), every one
   * by what was fitted without it. They are all pictures before anything is trained, else those that are held out.
   */
  confusion: number[][];
}
