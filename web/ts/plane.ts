import { IbinnError } from './error.js';
import type { PlaneCalls } from './plane_protocol.js';
import type {
  PlaneOptions,
  PlanePoints,
  PlaneReadout,
  PlaneSet,
  PlaneSettings,
  PlaneView,
  PlaneViewOptions,
} from './plane_types.js';
import { Rpc } from './rpc.js';

export type * from './plane_types.js';

/**
 * A small flow on points of the plane, trained step by step in a worker of its own.
 *
 * It is what large models are, at a size that can be drawn: coupling blocks, a Gaussian mixture with learned means, the
 * IB loss or class-NLL. Equal options, points and numbers of steps give equal numbers. Calls may overlap: they are
 * answered in order. Every promise rejects with an `IbinnError` when an argument is out of range, the training
 * diverges, or the plane's trainer is closed.
 */
export class PlaneTrainer {
  readonly #rpc = new Rpc<PlaneCalls>(
    new Worker(new URL('./plane_worker.js', import.meta.url), { type: 'module', name: 'ibinn plane' }),
    'plane',
  );

  private constructor() {}

  /** Starts a worker with an untrained flow that has no points yet. */
  static async start(options: PlaneOptions): Promise<PlaneTrainer> {
    const trainer = new PlaneTrainer();
    try {
      await trainer.#rpc.call('start', options);
      return trainer;
    } catch (thrown) {
      trainer.close();
      throw thrown;
    }
  }

  /** Begins anew with an untrained flow that has no points yet. */
  restart(options: PlaneOptions): Promise<null> {
    return this.#rpc.call('start', options);
  }

  /** Changes loss, rate and noise; the training goes on from where it is. */
  set(settings: PlaneSettings): Promise<null> {
    return this.#rpc.call('set', settings);
  }

  /** Trains on `count` points of a toy data set and on the own ones from now on; gives all of them, the own ones last. */
  setPoints(set: PlaneSet, count: number, own: PlanePoints): Promise<PlanePoints> {
    return this.#rpc.call('setPoints', { set, count, own });
  }

  /** Takes so many optimiser steps, and reads the losses. */
  step(count: number): Promise<PlaneReadout> {
    return this.#rpc.call('step', count);
  }

  /** What a picture of the flow needs, as it is now. */
  look(options: PlaneViewOptions): Promise<PlaneView> {
    return this.#rpc.call('look', options);
  }

  /** Ends the worker. */
  close(): void {
    this.#rpc.end(new IbinnError("the plane's trainer is closed"));
  }
}
