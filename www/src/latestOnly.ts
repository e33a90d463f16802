import type { Model } from 'ibinn';
import type { App } from './app.ts';
import { busy } from './busy.ts';

/**
 * A function that works for a view on the newest value only: values that arrive meanwhile replace each other, and the
 * last of them comes next. So a slider never queues up more than one step of work.
 */
export function latestOnly<T>(
  app: App,
  view: HTMLElement,
  work: (model: Model, value: T) => Promise<void>,
): (value: T) => void {
  let waiting: { value: T } | undefined;
  let running = false;
  const run = async () => {
    running = true;
    const done = busy(view);
    while (waiting) {
      const { value } = waiting;
      waiting = undefined;
      await app.use((model) => work(model, value));
    }
    running = false;
    done();
  };
  return (value) => {
    waiting = { value };
    if (!running) void run();
  };
}
