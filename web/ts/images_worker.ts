// The images' worker: owns the wasm that makes images, and nothing else.

import { corruptImage, fitPicture, framePicture, varyPicture } from '../pkg/ibinn_web.js';
import { answerCalls } from './answering.js';
import { messageOf } from './error.js';
import type { FramedImage } from './images.js';
import type { ImagesCallName, ImagesCalls, ImagesRequest } from './images_protocol.js';
import { startWasm } from './wasm.js';

const STOPPED = "making images stopped because of an error in it; try it again (the browser's console says more)";

const started = startWasm();
// Whoever wants an image is told; until then nobody waits for it.
started.catch(() => undefined);

const answers: { [Name in ImagesCallName]: (takes: ImagesCalls[Name]['takes']) => ImagesCalls[Name]['gives'] } = {
  fit: ({ data, width, shape }) =>
    fitPicture(
      new Uint8Array(data.buffer, data.byteOffset, data.length),
      width,
      shape.channels,
      shape.height,
      shape.width,
    ),
  frame: ({ data, width, shape, framing }) => {
    const picture = new Uint8Array(data.buffer, data.byteOffset, data.length);
    const { channels, height, width: columns } = shape;
    const framed = framePicture(picture, width, channels, height, columns, JSON.stringify(framing));
    const { image, how, inverted, scale } = framed;
    framed.free();
    return { image, how: how as FramedImage['how'], inverted, scale };
  },
  vary: ({ bytes, shape, index, strength }) =>
    varyPicture(bytes, shape.channels, shape.height, shape.width, index, strength),
  corrupt: ({ pixels, shape, corruption: d }) => {
    const amounts = [d.rotation, d.noise, d.blur, d.inversion, d.occlusion, d.colours];
    return corruptImage(pixels, shape.channels, shape.height, shape.width, Float64Array.from(amounts));
  },
};

async function answer<Name extends ImagesCallName>({ name, takes }: ImagesRequest<Name>): Promise<object> {
  try {
    await started;
  } catch (thrown) {
    throw new Error(`images cannot be made in this browser: ${messageOf(thrown)}`);
  }
  return { gives: answers[name](takes) };
}

answerCalls<ImagesRequest>(answer, STOPPED);
