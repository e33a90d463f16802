// What the page hands to the driver, and what the driver writes as JSON.

/** Which way a model is run. */
export type Direction = 'encode' | 'decode';

/** One thing to measure: a model, a direction, and how many images at once. */
export interface Job {
  /** The name of the case's files. */
  model: string;
  direction: Direction;
  batch: number;
}

/** What opening a job in a runtime gave: times in ms, and whether its numbers are right. */
export interface Opened {
  /** Fetching the model and preparing it. */
  loadMs: number;
  /** The first call, shader compilation included. */
  firstMs: number;
  /** The largest difference from the native CPU executor, relative to the largest of its numbers. */
  error: number;
}

/** What one call does, counted where the browser's WebGPU is called. */
export interface Counts {
  dispatches: number;
  submits: number;
  buffersCreated: number;
  /** Bytes written to, copied between and read from buffers. */
  bytesMoved: number;
}

/** One runtime's measurements of one job; times in ms. */
export interface Cell extends Job {
  runtime: string;
  loadMs?: number;
  firstMs?: number;
  error?: number;
  /** Set when the numbers are wrong; nothing is timed then. */
  wrong?: boolean;
  /** Why nothing was timed. */
  skipped?: string;
  runs?: number;
  medianMs?: number;
  minMs?: number;
  /** CPU time of a call, all of the browser's processes together. */
  cpuMs?: number;
  imagesPerSecond?: number;
  gflops?: number;
  /** `gflops` as a share of the ceiling that was measured in turns with it. */
  shareOfCeiling?: number;
  counts?: Counts;
  /** Share of the machine that other programs used meanwhile. */
  others?: number;
}

/** The ceilings of one thread of WebAssembly, in GFLOP/s: multiplying then adding, and `relaxed_madd` where there is one. */
export interface WasmCeilings {
  mulAdd: number;
  relaxedMadd: number | null;
}

/** The ceilings of the WebGPU adapter. */
export interface GpuCeilings {
  /** The adapter, as far as the browser tells. */
  adapter: string;
  software: boolean;
  /** Multiply-adds in registers, GFLOP/s. */
  fmaGflops: number;
  /** A shader that copies vec4 by vec4, bytes both ways, GB/s. */
  shaderCopyGBs: number;
  /** `copyBufferToBuffer`, bytes both ways, GB/s. */
  bufferCopyGBs: number;
  /** One more dispatch in a pass, µs. */
  dispatchUs: number;
  /** From submitting a dispatch to seeing it done, ms. */
  submitMs: number;
  /** From submitting a copy to reading its bytes, ms. */
  readBackMs: number;
}
