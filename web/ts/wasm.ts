// Starts the wasm, in the faster of its two flavours where the browser can run that.

import init from '../pkg/ibinn_web.js';

/** A module whose one function holds a `f32x4.relaxed_madd`: valid where the browser has relaxed SIMD. */
const WITH_RELAXED_SIMD = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // magic number, version
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b], // a type: () → v128
  ...[0x03, 0x02, 0x01, 0x00], // a function of it
  ...[0x0a, 0x13, 0x01, 0x11, 0x00], // its code
  ...[0x41, 0x00, 0xfd, 0x11, 0x41, 0x00, 0xfd, 0x11, 0x41, 0x00, 0xfd, 0x11], // three times i32x4.splat of 0
  ...[0xfd, 0x85, 0x02, 0x0b], // f32x4.relaxed_madd
);

/** Fetches and compiles the wasm; its classes may be used once the promise resolves. */
export async function startWasm(): Promise<void> {
  if (WebAssembly.validate(WITH_RELAXED_SIMD)) {
    await init({ module_or_path: new URL('../pkg/ibinn_web_relaxed_bg.wasm', import.meta.url) });
  } else {
    await init();
  }
}
