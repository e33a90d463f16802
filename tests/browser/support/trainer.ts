// The native trainer on its CPU executor: what the browser is compared with. Everything is compared on the first images
// of the built-in data set, which needs no download, or, in colour, on pictures that are computed here.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { colourPng } from './made_png';
import { trainer } from './environment';
import { specOf, tensors } from './safetensors';

/** How many images. */
export const IMAGES = 8;

/** Some images, and what the trainer says of them. */
export interface Reference {
  /** Pixels from 0 to 1, N×C×H×W. */
  pixels: number[];
  /** Latents, N×D. */
  z: number[];
  /** Log-dets in nats, N. */
  logDet: number[];
  /** −|z − μ_y|²/2, N×K. */
  logits: number[];
  /** log q(x′) in nats, N. */
  logLikelihood: number[];
}

/** Encodes the images natively. */
export function reference(model: string): Reference {
  return inFolder((folder) => {
    const [latents, images] = [join(folder, 'latents.safetensors'), join(folder, 'images.safetensors')];
    run('encode', model, ...data(model, folder), '--limit', String(IMAGES), '--out', latents);
    run('decode', model, latents, '--out', images);
    const read = (file: string, name: string) => {
      const values = tensors(readFileSync(file))[name];
      if (values === undefined) {
        throw new Error(`${file} has no tensor ${name}`);
      }
      return values;
    };
    return {
      // Rounded to the 256 grey levels they are exactly what was encoded.
      pixels: read(images, 'x').map((value) => Math.fround(Math.round(value * 255) / 255)),
      z: read(latents, 'z'),
      logDet: read(latents, 'log_det'),
      logits: read(latents, 'logits'),
      logLikelihood: read(latents, 'log_likelihood'),
    };
  });
}

/** A PNG of `count` samples a class at T = 0.7, one row each. */
export function samplePng(model: string, classes: number[], count: number, seed: number): Buffer {
  return png(
    'sample',
    model,
    '--unframed',
    '--class',
    classes.join(),
    '--count',
    String(count),
    '--seed',
    String(seed),
  );
}

/** What the trainer says of a picture file. */
export function encodePicture(model: string, picture: Buffer): { logits: number[]; logLikelihood: number } {
  return inFolder((folder) => {
    const [image, latent] = [join(folder, 'image.png'), join(folder, 'latent.safetensors')];
    writeFileSync(image, picture);
    run('encode', model, '--image', image, '--out', latent);
    const { logits, log_likelihood } = tensors(readFileSync(latent));
    return { logits: logits ?? [], logLikelihood: log_likelihood?.[0] ?? NaN };
  });
}

/** A PNG of the walk from one picture file to another, in one row. */
export function walkPng(model: string, from: Buffer, to: Buffer, steps: number): Buffer {
  return inFolder((folder) => {
    const [first, last, walk] = [join(folder, 'first.png'), join(folder, 'last.png'), join(folder, 'walk.png')];
    writeFileSync(first, from);
    writeFileSync(last, to);
    run('interpolate', model, '--from', first, '--to', last, '--steps', String(steps), '--out', walk);
    return readFileSync(walk);
  });
}

/** A PNG of the walk from one image to another, in one row. */
export function interpolatePng(model: string, from: number, to: number, steps: number): Buffer {
  return inFolder((folder) => {
    const indices = ['--indices', `${from},${to}`, '--steps', String(steps)];
    return png('interpolate', model, ...data(model, folder), ...indices);
  });
}

/** The file of a small model of another family, hardly trained. */
export function otherFamily(method: string): Buffer {
  return inFolder((folder) => {
    const settings = [
      '--method',
      method,
      '--preset',
      'tiny',
      '--train-images',
      '128',
      '--epochs',
      '1',
      '--batch-norm-batches',
      '1',
    ];
    const run = ['train', ...settings, '--backend', 'cpu', '--json', '--out', join(folder, 'run')];
    execFileSync(trainer, run, { stdio: ['ignore', 'ignore', 'inherit'] });
    return readFileSync(join(folder, 'run', 'model.safetensors'));
  });
}

/** Means over the images. */
export function evaluate(model: string): { l_x: number; bits_per_dim: number; bits_per_dim_tables: number } {
  return inFolder((folder) => JSON.parse(run('evaluate', model, ...data(model, folder), '--limit', String(IMAGES))));
}

/** The flags of a data set for a model; one of colour pictures, of its first two classes, is written into a folder. */
function data(model: string, folder: string): string[] {
  const { input, classes } = specOf(readFileSync(model));
  if (input.channels === 1) {
    return ['--dataset', 'builtin'];
  }
  const set = join(folder, 'pictures');
  for (const [k, name] of classes.slice(0, 2).entries()) {
    for (const [part, count] of [
      ['train', 1],
      ['test', IMAGES / 2],
    ] as const) {
      mkdirSync(join(set, part, name), { recursive: true });
      for (let i = 0; i < count; i++) {
        writeFileSync(join(set, part, name, `${i}.png`), waves(input.width, input.height, 2 * i + k));
      }
    }
  }
  return ['--dataset', set];
}

/** A picture of coloured waves. */
function waves(width: number, height: number, seed: number): Buffer {
  const level = (_: unknown, i: number) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return Math.round(128 + 70 * Math.sin(((seed + 1) * x + (c + 2) * y) / 9 + c + seed));
  };
  return colourPng(width, height, Buffer.from(Array.from({ length: 3 * width * height }, level)));
}

function png(verb: string, model: string, ...args: string[]): Buffer {
  return inFolder((folder) => {
    const file = join(folder, 'images.png');
    run(verb, model, ...args, '--out', file);
    return readFileSync(file);
  });
}

function run(verb: string, model: string, ...args: string[]): string {
  return execFileSync(trainer, [verb, model, ...args, '--executor', 'cpu', '--json'], { encoding: 'utf8' });
}

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'ibinn-browser-tests-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
