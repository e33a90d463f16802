// What one thread of WebAssembly can do at most: a loop of independent multiply-adds that touches no memory.

import type { WasmCeilings } from '../../shared/results.js';

const TYPE_F32 = 0x7d;
const TYPE_I32 = 0x7f;
const TYPE_V128 = 0x7b;
const SIMD = 0xfd;
const F32X4_SPLAT = [SIMD, 0x13];
const F32X4_ADD = [SIMD, 0xe4, 0x01];
const F32X4_MUL = [SIMD, 0xe6, 0x01];
const F32X4_RELAXED_MADD = [SIMD, 0x85, 0x02];
const F32X4_EXTRACT_FIRST = [SIMD, 0x1f, 0x00];
const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;

/** As many as hide the latency of an addition and still fit into 16 registers beside factor and term. */
const ACCUMULATORS = 12;
/** Steps in one turn of the loop. */
const UNROLLED = 4;
/** Four lanes, a multiplication and an addition each. */
const FLOPS = 8;

/** An unsigned number in the binary format. */
function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}

function section(id: number, body: number[]): number[] {
  return [id, ...leb(body.length), ...body];
}

function constant(value: number): number[] {
  return [0x43, ...new Uint8Array(Float32Array.of(value).buffer), ...F32X4_SPLAT];
}

/** A module whose `f(n)` does n turns of the loop. */
function assembled(relaxed: boolean): Uint8Array<ArrayBuffer> {
  const [counter, factor, term, first] = [0, 1, 2, 3];
  const step = (local: number) => [
    ...[LOCAL_GET, local, LOCAL_GET, factor],
    ...(relaxed ? [LOCAL_GET, term, ...F32X4_RELAXED_MADD] : [...F32X4_MUL, LOCAL_GET, term, ...F32X4_ADD]),
    ...[LOCAL_SET, local],
  ];
  const locals = Array.from({ length: ACCUMULATORS }, (_, i) => first + i);
  const code = [
    ...[...constant(0.999), LOCAL_SET, factor, ...constant(0.001), LOCAL_SET, term],
    ...locals.flatMap((local) => [...constant(local), LOCAL_SET, local]),
    ...[0x03, 0x40], // loop
    ...Array.from({ length: UNROLLED }, () => locals.flatMap(step)).flat(),
    ...[LOCAL_GET, counter, 0x41, 0x01, 0x6b, 0x22, counter, 0x0d, 0x00, 0x0b], // until --counter is 0
    ...[LOCAL_GET, first, ...locals.slice(1).flatMap((local) => [LOCAL_GET, local, ...F32X4_ADD])],
    ...[...F32X4_EXTRACT_FIRST, 0x0b],
  ];
  const body = [0x01, ...leb(ACCUMULATORS + 2), TYPE_V128, ...code];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [0x01, 0x60, 0x01, TYPE_I32, 0x01, TYPE_F32]),
    ...section(3, [0x01, 0x00]),
    ...section(7, [0x01, 0x01, 'f'.charCodeAt(0), 0x00, 0x00]),
    ...section(10, [0x01, ...leb(body.length), ...body]),
  ]);
}

type Loop = (turns: number) => number;

async function compiled(relaxed: boolean): Promise<Loop> {
  const { instance } = await WebAssembly.instantiate(assembled(relaxed));
  return instance.exports['f'] as Loop;
}

let loops: { mulAdd: Loop; relaxedMadd: Loop | null } | undefined;

/** GFLOP/s of `loop`, over about `ms` milliseconds. */
function rate(loop: Loop, ms: number): number {
  const turns = 20_000;
  const started = performance.now();
  let done = 0;
  let elapsed = 0;
  do {
    loop(turns);
    done += turns;
    elapsed = performance.now() - started;
  } while (elapsed < ms);
  return (done * ACCUMULATORS * UNROLLED * FLOPS) / elapsed / 1e6;
}

/** The best of `times` measurements of about `ms` milliseconds each; `null` where the browser has no relaxed SIMD. */
export async function wasmCeilings(ms: number, times: number): Promise<WasmCeilings> {
  loops ??= {
    mulAdd: await compiled(false),
    relaxedMadd: await compiled(true).catch(() => null),
  };
  const best = (loop: Loop) => Math.max(...Array.from({ length: times }, () => rate(loop, ms)));
  const { mulAdd, relaxedMadd } = loops;
  return { mulAdd: best(mulAdd), relaxedMadd: relaxedMadd && best(relaxedMadd) };
}
