import type { Framing } from './images.js';

/** What is asked to run a model: a real GPU when there is one that computes rightly, else the CPU; the GPU; the CPU. */
export type ExecutorChoice = 'auto' | 'gpu' | 'cpu';

/** How to load a model. */
export interface LoadOptions {
  /** What runs it; `auto` when left out. */
  executor?: ExecutorChoice;
  /**
   * As many workers may share a batch on the CPU: a number from 1 up, or `auto` for as many as the machine has cores for,
   * four at most; `auto` when left out. The second starts when a batch is large enough to pay for it; each holds the model
   * once more, and needs no special headers. What comes out does not depend on it.
   */
  workers?: number | 'auto';
  /** What messages call it; its address, or `the model`, when left out. */
  name?: string;
  /** Told of the download's progress, in bytes; the total is unknown where the server does not name it. */
  onProgress?: (loadedBytes: number, totalBytes: number | undefined) => void;
  /** Aborts loading: the promise then rejects with the signal's reason, as `fetch` does. */
  signal?: AbortSignal;
}

/** What runs a model. */
export interface Adapter {
  /** The kind of executor. */
  executor: 'gpu' | 'cpu';
  /** The name of the GPU, as far as the browser tells it; `CPU` on the CPU. */
  name: string;
  /** What the executor is built on: `WebGPU` or `WebAssembly`. */
  backend: string;
  /** Whether the GPU is a software one, which is slow. */
  software: boolean;
  /** One sentence for people: why the CPU runs the model, that the GPU is a software one or was lost and rebuilt. */
  notice: string | null;
}

/** The sizes of a model. */
export interface Spec {
  /** Colour channels C. */
  channels: number;
  /** Rows H. */
  height: number;
  /** Columns W. */
  width: number;
  /** Dimensions D of image and latent alike: C·H·W. */
  dims: number;
  /** Names of the K classes. */
  classes: string[];
  /** How probable each class is before an image is seen: equally, as frequent in training, or learned with the means. */
  class_prior: 'uniform' | 'counts' | 'learned';
  /** Trainable numbers of the flow. */
  parameters: number;
  /** Number of coupling blocks, of which `Model.bothWays` shows each. */
  couplings: number;
}

/** A method that trains a flow with a mixture over its latents; models of others cannot be loaded here. */
export type Method =
  | {
      /** The information bottleneck. */
      name: 'ib-inn';
      /** The trade-off γ between generative quality (0) and accuracy (∞, written `inf`). */
      gamma: number | 'inf';
    }
  | {
      /** The class-conditional likelihood. */
      name: 'class-nll';
      /** Distance between the means where they were not trained; absent where they were. */
      frozen_means?: number;
    };

/** How a model was trained. */
export interface Training {
  /** Name of the data set. */
  dataset: string;
  /** Number of images that it was trained on; absent where it is not known, as of an imported model. */
  images?: number;
  /** Number of images of the training set that were held out; absent where there are none. */
  held_out?: number;
  /** Name of the architecture preset, or `custom`. */
  preset: string;
  /** By which method. */
  method: Method;
  /** Seed of every random draw; absent where it is not known. */
  seed?: number;
  /** Passes over the training images; absent where they are not known. */
  epochs?: number;
  /** Optimiser steps; absent where they are not known. */
  steps?: number;
}

/** What was measured of a model on a test set, by the executor that runs here. */
export interface Evaluation {
  /** Name of the data set. */
  dataset: string;
  /** Number of images. */
  images: number;
  /** Which executor computed it. */
  executor: 'gpu' | 'cpu';
  /** Classification error in percent. */
  error: number;
  /** Images of each class (rows) by the class that they are taken for (columns); absent of more than 50 classes. */
  confusion?: number[][];
  /** Mean L_X in nats per dimension. */
  l_x: number;
  /** Mean L_Y with hard labels in nats. */
  l_y: number;
  /** Bits per dimension: the density of the pixels. */
  bits_per_dim: number;
  /** Bits per dimension in the convention of the paper's tables. */
  bits_per_dim_tables: number;
  /** How L_X is spread over the test images. */
  typicality: {
    /** Mean of L_X. */
    mean: number;
    /** Quantiles of L_X at equal steps from 0 to 1, ascending. */
    quantiles: number[];
  };
  /** Whether probabilities are what they say; absent where no bin has enough entries to count. */
  calibration?: CalibrationCurve;
  /** What novelty does to the test images at levels of 1, 5 and 10 %; absent when it was not fitted. */
  novelty?: NoveltyRow[];
  /** Out-of-distribution sets, and how well they are told from the test images; absent when there is none. */
  ood?: OodRow[];
  /** Share of samples of which the inverse explodes, in percent; absent where it was not measured. */
  exploded?: number;
  /** Where test images lie in latent space. */
  latent_map: LatentMap;
}

/** The calibration curve over the posteriors of all classes and test images, and its errors in percent. */
export interface CalibrationCurve {
  /** Expected calibration error. */
  ece: number;
  /** Maximum calibration error. */
  mce: number;
  /** Integrated calibration error. */
  ice: number;
  /** All 17 bins, ascending; those with 20 entries or fewer do not count in the errors. */
  bins: CalibrationBin[];
}

/** A bin of a calibration curve. */
export interface CalibrationBin {
  /** Centre of the bin: the probability that stands for all of its entries, from 0 to 1. */
  centre: number;
  /** Share of the entries whose class is the label, from 0 to 1; null where there is no entry. */
  accuracy: number | null;
  /** Number of entries: classes of test images whose probability lies in the bin. */
  count: number;
}

/** What novelty does to the test images at a level α, all in percent. */
export interface NoveltyRow {
  /** The level. */
  alpha: number;
  /** Test images whose p is at most α: false alarms. */
  alarms: number;
  /** Test images whose class has a p of at most α. */
  missed: number;
}

/** How well a model tells an out-of-distribution set from the test images. */
export interface OodRow {
  /** Name of the set. */
  name: string;
  /** Number of images. */
  images: number;
  /** Detection AUC of the typicality test in percent: 50 is guessing. */
  typicality_auc: number;
  /** Increase of the posterior's mean entropy in nats. */
  entropy_increase: number;
  /** How novelty tells it, in percent; absent when novelty was not fitted to the model. */
  novelty?: {
    /** Area under the ROC curve. */
    auroc: number;
    /** Share of test images that are called foreign where 95 % of the set are. */
    fpr95: number;
    /** Images with the verdict `unusual` or `none-of-these`. */
    unusual: number;
    /** Images with the verdict `none-of-these`. */
    none_of_these: number;
  };
}

/**
 * Test images and means in the plane in which the means differ most, the one that `project` projects to; all but
 * `means` have an entry for each image.
 */
export interface LatentMap {
  /** First coordinate of each image. */
  x: number[];
  /** Second coordinate of each image. */
  y: number[];
  /** Label of each image. */
  labels: number[];
  /** Both coordinates of each trained mean, K pairs. */
  means: [number, number][];
}

/** The card of an IB-INN, the only kind of model that is loaded here, with the keys of the model file. */
export interface Card {
  /** A name for people. */
  title: string;
  /** How the model was trained. */
  training: Training;
  /** How the training images lie on a plain ground; absent where they have none. */
  framing?: Framing;
  /** What novelty was fitted to; absent when it was not. Its p-values come from images that were `held_out`, or that the network has seen. */
  novelty?: { dataset: string; fitted: number; set_aside: number; held_out?: boolean; test_images?: number };
  /** What was measured on images of the training set that were held out; absent where there are none. */
  validation?: {
    images: number;
    error: number;
    l_y: number;
    bits_per_dim?: number;
    bits_per_dim_tables?: number;
    /** The temperature at which the posterior has the least negative log-likelihood of these images. */
    temperature?: number;
  };
  /** What was measured of it; absent when it was never evaluated. */
  evaluation?: Evaluation;
}

/** A batch of latents, and the log-det of each. */
export interface Encoded {
  /** Latents, N×D. */
  z: Float32Array;
  /** log|det ∂z/∂x′| of each normalised image in nats, N. */
  logDet: Float32Array;
}

/** Where an image's L_X lies among those of the test set; both shares are in [0, 1]. */
export interface Typicality {
  /** Share of the test images with a lower L_X: near 1 means less likely than nearly all. */
  shareBelow: number;
  /** Share of the test images that lie nearer to the mean L_X: near 1 means unlike nearly all. */
  shareMoreTypical: number;
}

/** How novel an image is: whether it is like those that the model was trained on. */
export interface Novelty {
  /** The relative Mahalanobis distance of its latent: the larger, the more novel. */
  score: number;
  /** Share of images like the training images that are at least as novel, from 0 to 1. */
  p: number;
  /** `ordinary` where p is above 5 %, `none-of-these` where it is at most 1 %, else `unusual`. */
  verdict: 'ordinary' | 'unusual' | 'none-of-these';
  /** The class whose mean is nearest. */
  nearest: number;
  /** Whether it is farther from every class than 95 % of the class's own images. */
  allFar: boolean;
  /** Share of each class's images that are at least as far from it, from 0 to 1. */
  classP: Float64Array;
  /**
   * Distance from each class's mean along the directions in which the classes differ, in standard deviations within
   * classes. The images of a class lie at about √(K − 1).
   */
  distances: Float64Array;
}

/** What the Gaussian mixture says of one image. */
export interface Classification {
  /** The most probable class. */
  prediction: number;
  /** The posterior q(y|z) of each class. */
  posterior: Float64Array;
  /** −|z − μ_y|²/2 of each class. */
  logits: Float64Array;
  /** Entropy of the posterior in nats. */
  entropy: number;
  /** log q(x′) in nats, of the normalised image, with all constants. */
  logLikelihood: number;
  /** log|det ∂z/∂x′| in nats. */
  logDet: number;
  /** L_X in nats per dimension. */
  lX: number;
  /** Bits per dimension: the density of the pixels. */
  bitsPerDim: number;
  /** Bits per dimension in the convention of the paper's tables. */
  bitsPerDimTables: number;
  /** How typical the image is of the test set; null when the model was never evaluated. */
  typicality: Typicality | null;
  /** How novel the image is; null when novelty was not fitted to the model. */
  novelty: Novelty | null;
  /** The latent, D. */
  z: Float32Array;
}

/** Latents, and the images that they decode to. */
export interface Samples {
  /** Latents, N×D. */
  z: Float32Array;
  /** Pixels in [0, 1], N×C×H×W. */
  pixels: Float32Array;
}

/** Which samples to draw. */
export interface SampleOptions {
  /** The class, from 0 to K − 1. */
  class: number;
  /** How many, from 1 to 10,000. */
  count: number;
  /** Temperature T: how far from the class mean latents are drawn; 0.7 when left out. */
  temperature?: number;
  /** Seed of the draws; 0 when left out. */
  seed?: number;
  /** Index of the first sample: sample 57 is the same one, drawn alone or among others; 0 when left out. */
  first?: number;
}

/**
 * One coupling block on one image (method §2.2), forwards and backwards. Maps are C×H×W of this block; the first `first`
 * channels, x₁, pass as they are and decide what becomes of the others, x₂.
 */
export interface BothWays {
  /** Channels C of the maps. */
  channels: number;
  /** Rows H. */
  height: number;
  /** Columns W. */
  width: number;
  /** Channels of x₁. */
  first: number;
  /** What comes in: x₁, x₂. */
  x: Float32Array;
  /** ℓ, the logarithm of the factor of each number of x₂, (C − first)×H×W. */
  logScale: Float32Array;
  /** t, the shift of each number of x₂, (C − first)×H×W. */
  shift: Float32Array;
  /** x₁, x₂·e^ℓ + t. */
  u: Float32Array;
  /** What the block gives: the channels of u, mixed. */
  y: Float32Array;
  /** x again, computed from y alone. */
  back: Float32Array;
}

/**
 * A loaded model, run by a worker of its own.
 *
 * Calls may overlap: they are answered in order. Arrays that are handed in stay the caller's. Every promise rejects
 * with an `IbinnError` when an argument does not fit the model, the executor fails, or the model is closed.
 */
export interface Model {
  /** Where the model comes from and how good it is. */
  readonly card: Card;
  /** Its sizes. */
  readonly spec: Spec;
  /** What runs it, as of the last answer: the notice changes when a lost GPU was rebuilt. */
  readonly adapter: Adapter;
  /** Pixels in [0, 1], N×C×H×W, any N → latents. */
  encode(pixels: Float32Array): Promise<Encoded>;
  /**
   * Pixels of one image in [0, 1], C×H×W → what coupling block `number`, counted from 0, makes of it, both ways: computed by
   * the CPU executor, whatever runs the model.
   */
  bothWays(pixels: Float32Array, number: number): Promise<BothWays>;
  /** Latents, N×D, any N → pixels in [0, 1], N×C×H×W. */
  decode(z: Float32Array): Promise<Float32Array>;
  /** Pixels in [0, 1], N×C×H×W, any N → what the Gaussian mixture says of each image. */
  classify(pixels: Float32Array): Promise<Classification[]>;
  /** Draws images of a class around the mean latent of its training images. */
  sample(options: SampleOptions): Promise<Samples>;
  /** `steps` images, 2 to 10,000, on the straight line from latent `a` to latent `b` (D numbers each), both ends included. */
  interpolate(a: Float32Array, b: Float32Array, steps: number): Promise<Samples>;
  /** Latents, N×D, any N → the posterior q(y|z) of each, N×K. */
  posterior(z: Float32Array): Promise<Float64Array>;
  /**
   * Latents, N×D, any N → the pooled p-value of each one's novelty (`Novelty.p`), N; rejects when novelty was not fitted
   * to the model.
   */
  noveltyP(z: Float32Array): Promise<Float64Array>;
  /**
   * Latents, N×D, any N → their coordinates in the plane in which the K means differ most, N×2. The centroid of the
   * means is at (0, 0), and each class has a standard deviation of 1 as in latent space.
   */
  project(z: Float32Array): Promise<Float64Array>;
  /**
   * Points of that plane, N×2, any N → latents, N×D, to be decoded: those in the plane itself, or the latent `from`
   * (D numbers) moved along the plane, so that what the plane does not show of it stays.
   */
  unproject(points: Float64Array, from?: Float32Array): Promise<Float32Array>;
  /** Values of L_X in nats per dimension → bits per dimension: the density of the pixels. */
  bitsPerDim(lX: Float64Array): Promise<Float64Array>;
  /** Values of L_X → the share of the test images with a lower one, in [0, 1]; rejects when the model was never evaluated. */
  shareBelow(lX: Float64Array): Promise<Float64Array>;
  /** Whether it was closed, or stopped by an error in the engine: all calls reject then, and it has to be loaded again. */
  readonly ended: boolean;
  /** Ends the worker; calls that wait for it reject. */
  close(): void;
}
