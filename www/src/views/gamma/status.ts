import type { Adapter } from 'ibinn';
import { byId, element } from '../../dom.ts';
import type { Status } from '../../runner.ts';
import { sentence } from '../../strings/format.ts';
import { gamma as text } from '../../strings/gamma.ts';

/** The lines that tell what runs the model, and the progress of what is on its way. */
export function mountStatus(): Status {
  const progress = byId('progress', HTMLProgressElement);
  const rest = () => {
    progress.value = 0;
    progress.classList.remove('busy');
  };
  return {
    loading: (listed, bytes) => {
      progress.classList.add('busy');
      progress.value = bytes / listed.bytes;
      say('adapter', bytes >= listed.bytes ? text.starting : text.loading(listed.title));
    },
    running: (adapter) => {
      rest();
      say('adapter', adapterText(adapter));
      // What the program itself says has one language.
      element('notice').lang = adapter.notice === null ? document.documentElement.lang : 'en';
      say(
        'notice',
        sentence(adapter.notice ?? (hasWebGpu() ? (adapter.software ? text.software : '') : text.noWebGpu)),
      );
    },
    stopped: (adapter) => {
      rest();
      say('adapter', adapter ? adapterText(adapter) : '');
    },
  };
}

/** Whether the browser has WebGPU at all; an adapter it may lack still. */
export function hasWebGpu(): boolean {
  return 'gpu' in navigator && navigator.gpu !== undefined;
}

function adapterText(adapter: Adapter): string {
  return adapter.executor === 'cpu' ? text.onCpu : text.onGpu(adapter.name, adapter.backend);
}

/** Says something in a line that is read out whenever it changes. */
function say(id: string, words: string): void {
  const line = element(id);
  if (line.textContent !== words) line.textContent = words;
}
