import type { Shape } from './pixels.ts';

/** Colours of a palette: one byte a pixel. */
const COLOURS = 256;
/** LZW codes have at most this many bits. */
const MOST_BITS = 12;

/** An animated GIF that repeats for ever: frames of C·H·W bytes, each pixel `scale` times as large. */
export function encodeGif(
  frames: readonly Uint8Array[],
  shape: Shape,
  scale: number,
  delayMs: number,
): Uint8Array<ArrayBuffer> {
  const [width, height] = [shape.width * scale, shape.height * scale];
  const bytes: number[] = [...ascii('GIF89a'), ...word(width), ...word(height), 0xf7, 0, 0, ...palette(shape.channels)];
  bytes.push(0x21, 0xff, 11, ...ascii('NETSCAPE2.0'), 3, 1, ...word(0), 0);
  for (const frame of frames) {
    bytes.push(0x21, 0xf9, 4, 0, ...word(Math.round(delayMs / 10)), 0, 0);
    bytes.push(0x2c, ...word(0), ...word(0), ...word(width), ...word(height), 0, 8);
    const data = compress(enlarge(indices(frame, shape), shape, scale));
    for (let start = 0; start < data.length; start += 255) {
      const block = data.slice(start, start + 255);
      bytes.push(block.length, ...block);
    }
    bytes.push(0);
  }
  bytes.push(0x3b);
  return Uint8Array.from(bytes);
}

function ascii(text: string): number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0));
}

function word(value: number): [number, number] {
  return [value & 255, value >> 8];
}

/** All greys; for colour images eight reds and greens and four blues. */
function palette(channels: number): number[] {
  const spread = (value: number, most: number) => Math.round((255 * value) / most);
  return Array.from({ length: COLOURS }, (_, i) =>
    channels === 1 ? [i, i, i] : [spread(i >> 5, 7), spread((i >> 2) & 7, 7), spread(i & 3, 3)],
  ).flat();
}

/** The number of each pixel's colour in the palette. */
function indices(frame: Uint8Array, { channels, height, width }: Shape): Uint8Array {
  if (channels === 1) return frame;
  const plane = height * width;
  const level = (c: number, i: number, most: number) => Math.round((frame[c * plane + i]! * most) / 255);
  return Uint8Array.from({ length: plane }, (_, i) => (level(0, i, 7) << 5) | (level(1, i, 7) << 2) | level(2, i, 3));
}

function enlarge(image: Uint8Array, { height, width }: Shape, scale: number): Uint8Array {
  const large = new Uint8Array(height * width * scale * scale);
  for (let i = 0; i < large.length; i++) {
    const [x, y] = [i % (width * scale), Math.floor(i / (width * scale))];
    large[i] = image[Math.floor(y / scale) * width + Math.floor(x / scale)]!;
  }
  return large;
}

/** LZW as GIF has it: codes grow from 9 bits to 12, packed from the low bit on; the table starts anew when it is full. */
function compress(pixels: Uint8Array): number[] {
  const [clear, end] = [COLOURS, COLOURS + 1];
  const packed: number[] = [];
  let table = new Map<number, number>();
  let bits = 9;
  let buffer = 0;
  let filled = 0;
  const emit = (code: number) => {
    buffer |= code << filled;
    for (filled += bits; filled >= 8; filled -= 8) {
      packed.push(buffer & 255);
      buffer >>>= 8;
    }
  };
  emit(clear);
  let prefix = pixels[0] ?? 0;
  for (const pixel of pixels.subarray(1)) {
    const key = prefix * COLOURS + pixel;
    const known = table.get(key);
    if (known !== undefined) {
      prefix = known;
      continue;
    }
    emit(prefix);
    const code = end + 1 + table.size;
    if (code < 2 ** MOST_BITS) {
      table.set(key, code);
      // The code that comes next has to fit; the reader is one code behind.
      if (code === 2 ** bits && bits < MOST_BITS) bits++;
    } else {
      emit(clear);
      table = new Map();
      bits = 9;
    }
    prefix = pixel;
  }
  emit(prefix);
  emit(end);
  if (filled > 0) packed.push(buffer & 255);
  return packed;
}
