// Starts the wasm, in the faster of its two flavours where the browser can run that.

import init from '../pkg/ibinn_web.js';
import { runsRelaxed } from './relaxed.js';

/** Fetches and compiles the wasm; its classes may be used once the promise resolves. */
export async function startWasm(): Promise<void> {
  if (runsRelaxed()) {
    await init({ module_or_path: new URL('../pkg/ibinn_web_relaxed_bg.wasm', import.meta.url) });
  } else {
    await init();
  }
}
