// A worker's end of the line: answers calls one after the other, in the order in which they come.

import { messageOf } from './error.js';

interface Call {
  id: number;
}

/**
 * Answers every message that this worker gets with what `answer` makes of it. A panic inside of the wasm stops the
 * worker; whoever waits is told `stopped`.
 */
export function answerCalls<Request extends Call>(
  answer: (request: Request) => Promise<object>,
  stopped: string,
): void {
  const stop = () => self.postMessage({ kind: 'stopped', sentence: stopped });
  const take = async (request: Request) => {
    try {
      const answered = await answer(request);
      self.postMessage({ kind: 'given', id: request.id, ...answered }, { transfer: buffers(answered) });
    } catch (thrown) {
      if (thrown instanceof WebAssembly.RuntimeError) {
        stop();
      } else {
        self.postMessage({ kind: 'refused', id: request.id, sentence: messageOf(thrown) });
      }
    }
  };
  // A panic inside of an asynchronous call surfaces here, and its promise never settles.
  for (const event of ['error', 'unhandledrejection']) {
    self.addEventListener(event, stop);
  }
  // The wasm takes one call at a time.
  let last: Promise<void> = Promise.resolve();
  self.onmessage = ({ data }: MessageEvent<Request>) => {
    last = last.then(() => take(data));
  };
}

/** The buffers of all typed arrays in a result: they are handed over instead of copied. */
function buffers(value: unknown): Transferable[] {
  if (ArrayBuffer.isView(value)) {
    return [value.buffer as ArrayBuffer];
  }
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(buffers) : [];
}
