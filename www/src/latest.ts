import type { Model } from 'ibinn';
import type { App } from './app.ts';

/**
 * A function that works on the newest value only: values that arrive meanwhile replace each other, and the last of
 * them comes next. So a slider never queues up more than one step of work.
 */
export function latest<T>(app: App, work: (model: Model, value: T) => Promise<void>): (value: T) => void {
  let waiting: { value: T } | undefined;
  let running = false;
  const run = async () => {
    running = true;
    while (waiting) {
      const { value } = waiting;
      waiting = undefined;
      await app.use((model) => work(model, value));
    }
    running = false;
  };
  return (value) => {
    waiting = { value };
    if (!running) void run();
  };
}
