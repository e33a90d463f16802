/** What is minimised. */
export type PlaneLoss =
  /** The information bottleneck L_X − γ·L_Y; γ from 0 to `Infinity`. */
  | { kind: 'ib'; gamma: number }
  /**
   * Class-NLL as data of `dims` dimensions have it, which is L_X − L_Y/dims: 2 for that of the plane, 3072 for what it
   * does to a CIFAR image.
   */
  | { kind: 'class-nll'; dims: number };

/** What may change between two steps. */
export interface PlaneSettings {
  /** What is minimised. */
  loss: PlaneLoss;
  /** Learning rate of the flow; the means' is three times as high. */
  rate: number;
  /** Standard deviation σ of the noise on the points. */
  noise: number;
}

/** What stays as it is while a flow trains, and what it starts with. */
export interface PlaneOptions extends PlaneSettings {
  /** Number of classes K, from 2 to 6. */
  classes: number;
  /** Seed of the toy data set, the initial weights, the batches and the noise. */
  seed: number;
}

/** The toy data sets; `blank` has no points. */
export type PlaneSet = 'moons' | 'spirals' | 'blobs' | 'circles' | 'blank';

/** Labelled points of the plane. */
export interface PlanePoints {
  /** Their places, N×2. */
  x: Float32Array;
  /** Their classes, N. */
  classes: Uint8Array;
}

/** Read over all points, without noise and with hard labels; without points lX, lY, accuracy and empiricalDistance are 0. */
export interface PlaneReadout {
  /** Optimiser steps so far. */
  steps: number;
  /** L_X in nats per dimension. */
  lX: number;
  /** L_Y in nats: 0 knows nothing, ln K all. */
  lY: number;
  /** Share of the points whose most probable class is their own. */
  accuracy: number;
  /** Distance between two means, averaged over the pairs. */
  meansDistance: number;
  /** The same for the empirical means: the mean latents of each class's points. */
  empiricalDistance: number;
}

/** Which picture of the plane [−extent, extent]² is wanted. */
export interface PlaneViewOptions {
  /** How far the plane goes. */
  extent: number;
  /** Lines of the mesh each way. */
  lines: number;
  /** Places on each of its lines. */
  places: number;
  /** Cells R of the field along one side; 0 for no field. */
  side: number;
}

/** What a picture of the flow needs. */
export interface PlaneView {
  /** The means μ, K×2. */
  means: Float32Array;
  /** Latents of the points, N×2. */
  z: Float32Array;
  /** The mesh in latent space: upright lines, then level ones, (2·lines)×places×2. */
  mesh: Float32Array;
  /** log q(x) of each point in nats, N. */
  pointLogLikelihood: Float32Array;
  /** log q(x) in nats at the middles of the field's cells, row by row from the smallest y, R². */
  logLikelihood: Float32Array;
  /** The posterior q(y|x) at the same places, R²×K. */
  posterior: Float32Array;
}
