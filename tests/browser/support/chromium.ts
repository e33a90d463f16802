// How Chromium is started: with WebGPU, on SwiftShader where there is no GPU.

import { chrome } from './environment';

const QUIET = [
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** With WebGPU. */
export const withWebGpu = { executablePath: chrome, args: [...QUIET, '--enable-unsafe-webgpu'] };

/** As browsers without WebGPU are. */
export const withoutWebGpu = { executablePath: chrome, args: [...QUIET, '--disable-features=WebGPU,WebGPUService'] };

/** With a camera that shows a moving test picture, and may be used without asking. */
export const withCamera = {
  ...withWebGpu,
  args: [...withWebGpu.args, '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
};
