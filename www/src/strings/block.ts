import { number } from './format.ts';
import { term } from './glossary.ts';
import { coupled } from './formulas.ts';
import { f, inline, o, sub, v } from './math.ts';

const signed = (value: number) => number(value, 3);
/** A small size as a power of ten. */
const size = (value: number) =>
  value === 0 ? '0' : value.toExponential(0).replace('e-', ' · 10⁻').replace(/\d+$/, raised);
const raised = (digits: string) => digits.replace(/\d/g, (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]!);

/** Texts of one coupling block. */
export const block = {
  page: {
    title: 'One block, both ways',
    dek: 'Why can it run backwards? It is a chain of coupling blocks. Here is one of them at work on your image.',
    which: 'Coupling block',
    x1: 'x₁ passes as it is',
    x2: 'x₂ comes in',
    logScale: 'ℓ, by x₁ alone',
    shift: 't, by x₁ alone',
    u2: 'u₂ = x₂·e^ℓ + t',
    y: 'y, all channels mixed',
    point: 'Point at a pixel, or move with the arrow keys, to see its numbers.',
    legend: 'Blue is negative, black zero, orange positive, each map on its own scale.',
    forwards: 'Forwards',
    backwards: 'Backwards',
    noteHalf: 'Half decides, half changes',
    noteHalfText: `
      <p>The channels are split. One half, ${inline(sub(v('x'), '<mn>1</mn>'))}, passes as it is, and a small convolutional network
      sees it and says how the other half is to be scaled and shifted:</p>
      ${coupled}
      <p>Backwards the first half is there again, so the network says the same, and the sum is undone. The network itself never
      runs backwards, and may be anything.</p>`,
    noteVolume: 'What it does to the likelihood',
    noteVolumeText: `
      <p>Where a block stretches space, images lay closer together before it than after. The image is the likelier for it, by
      ${inline(f('log'), f('det'), o('='), o('∑'), v('ℓ'))} and a constant of the mixing. These sums, over all blocks, turn the
      density of the latents into that of the image, in ${term('nats')}.</p>`,
    noteMix: 'Why mix',
    noteMixText: `
      <p>Otherwise the first half would never change. A fixed rotation of the channels, the same for every pixel and image, with a
      scale and an offset for each, hands the next block other halves.</p>`,
  },

  number: (block: number, of: number) => `${block} of ${of}`,
  maps: (channels: number, height: number, width: number) =>
    `${channels} channels of ${width}×${height}; the first of each part is shown`,
  at: (x: number, y: number) => `Pixel ${x}, ${y}, first channel of x₂.`,
  forwards: (x: number, logScale: number, shift: number, u: number) =>
    `${signed(x)} · e^(${signed(logScale)}) + (${signed(shift)}) = ${signed(u)}`,
  backwards: (u: number, shift: number, logScale: number, x: number) =>
    `(${signed(u)} − (${signed(shift)})) · e^(${signed(-logScale)}) = ${signed(x)}`,
  back: (most: number) =>
    `Computed back from y alone, over all numbers of the block, the largest difference from what came in is ${size(most)}.`,
  logDet: (sum: number) => `Sum of ℓ: ${number(sum, 1)} nats.`,
  label: (part: string) => `${part}; arrow keys move the pixel`,
};
