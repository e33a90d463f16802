/* tslint:disable */
/* eslint-disable */

/**
 * A flow in training on a visitor's pictures.
 */
export class Course {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Begins a step; how many groups it has.
     */
    begin(): number;
    /**
     * The state of the course, without its pictures.
     */
    checkpoint(): Uint8Array;
    /**
     * Computes the slope of a group here.
     *
     * # Errors
     * When there is no such group in the step that was begun.
     */
    compute(group: number): void;
    /**
     * What helpers and the page need to know.
     *
     * # Errors
     * When it cannot be handed over.
     */
    facts(): any;
    /**
     * Takes the step that was begun, once there are the slopes of all groups.
     *
     * # Errors
     * When one is missing, or the training has diverged.
     */
    finish(): any;
    /**
     * Takes the slope of a group that a helper computed.
     *
     * # Errors
     * When there is no such group in the step that was begun, or the slope is of another network.
     */
    give(group: number, terms: Float64Array | number[], numbers: Float32Array | number[]): void;
    /**
     * The model that has been learnt so far, as the bytes of a model file.
     *
     * # Errors
     * When a weight is not finite.
     */
    model(): Uint8Array;
    /**
     * Goes on from a checkpoint.
     *
     * # Errors
     * When the bytes are none, or the pictures are of other classes or another shape.
     */
    static resume(checkpoint: Uint8Array | number[], pictures: CoursePictures): Course;
    /**
     * Goes on with other pictures.
     *
     * # Errors
     * When they are of other classes or another shape.
     */
    setPictures(pictures: CoursePictures): void;
    /**
     * Changes what may change between two steps.
     *
     * # Errors
     * When an argument is out of range.
     */
    set(gamma: number, strength: number): void;
    /**
     * A course on pictures from the model of these bytes, or from nothing.
     *
     * # Errors
     * When an argument is out of range, or the model does not take such pictures.
     */
    static start(pictures: CoursePictures, model: Uint8Array | number[] | null | undefined, gamma: number, strength: number, seed: number): Course;
    /**
     * What a helper computes the slope of a group from.
     *
     * # Errors
     * When there is no such group in the step that was begun.
     */
    task(group: number): any;
    /**
     * The parameters, at which helpers compute slopes.
     */
    values(): Float32Array;
}

/**
 * What computes slopes for a course in another worker.
 */
export class CourseHelper {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * One for a course of which these are the [`facts`](Course::facts).
     *
     * # Errors
     * When the spec is none.
     */
    constructor(spec: string, permutation: Uint32Array | number[], seed: number);
    /**
     * The slope of a [`task`](Course::task) at the parameters `values`.
     *
     * # Errors
     * When an argument is out of range.
     */
    slope(values: Float32Array | number[], images: Float32Array | number[], labels: Uint16Array | number[], gamma: number, number: number): any;
}

/**
 * Pictures of a visitor's, with the classes that they are of.
 */
export class CoursePictures {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * `bytes` are N×C×H×W, `labels` N.
     *
     * # Errors
     * When they are not whole pictures of two to ten classes, each with a name and a picture.
     */
    constructor(channels: number, height: number, width: number, classes: string[], bytes: Uint8Array | number[], labels: Uint16Array | number[]);
}

/**
 * A loaded model with what runs it.
 *
 * One call at a time: the methods borrow the engine until their promise settles, and wasm-bindgen throws when a
 * second call comes in between. The worker queues.
 */
export class Engine {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Numbers L_X in nats per dimension → bits per dimension.
     */
    bitsPerDim(l_x: Float64Array | number[]): Float64Array;
    /**
     * Pixels, N×C×H×W → what the Gaussian mixture says of each image. Messages count images from `first`.
     *
     * # Errors
     * As for [`encode`](Self::encode).
     */
    classify(pixels: Float32Array | number[], first: number): Promise<any[]>;
    /**
     * Latents, N×D → pixels, N×C×H×W. Messages count latents from `first`.
     *
     * # Errors
     * When the latents are not whole rows of finite numbers, or the executor fails.
     */
    decode(z: Float32Array | number[], first: number): Promise<Float32Array>;
    /**
     * Pixels, N×C×H×W → latents z, N×D, and their log-dets in nats of the normalised input, N. Messages count images from
     * `first`, as they may be part of a batch.
     *
     * # Errors
     * When the pixels are not whole images of finite numbers, or the executor fails.
     */
    encode(pixels: Float32Array | number[], first: number): Promise<any>;
    /**
     * `steps` images on the straight line from latent `a` to latent `b`, both ends included (method §4.6): of these, those
     * from number `from` up to `to`.
     *
     * # Errors
     * When a latent has not D finite numbers, `steps` is below 2, or the executor fails.
     */
    interpolate(a: Float32Array | number[], b: Float32Array | number[], steps: number, from: number, to: number): Promise<any>;
    /**
     * Reads a model file's bytes, which messages call `name`, and prepares its executor: `auto`, `gpu` or `cpu`.
     *
     * # Errors
     * When the bytes are not a sound model file, the model has no mixture to classify and sample by, or the GPU that
     * was asked for is not there.
     */
    static load(bytes: Uint8Array | number[], name: string, executor: string): Promise<Engine>;
    /**
     * For tests of recovery: destroys the GPU device, where one runs the model.
     */
    loseDevice(): void;
    /**
     * Latents, N×D → the pooled p-value of each one's novelty, in (0, 1] (method §3.6).
     *
     * # Errors
     * When the latents are not whole rows of finite numbers, or novelty was not fitted to the model.
     */
    noveltyP(z: Float32Array | number[]): Float64Array;
    /**
     * For tests of recovery: panics inside of a call.
     *
     * # Panics
     * Always.
     */
    panic(): Promise<void>;
    /**
     * Latents, N×D → the posterior q(y|z) of each, N×K, by Bayes' rule over the mixture (method §3.2).
     *
     * # Errors
     * When the latents are not whole rows of finite numbers.
     */
    posterior(z: Float32Array | number[]): Float64Array;
    /**
     * Latents, N×D → their coordinates in the plane in which the means differ most, N×2 (method §4.6, Fig 7).
     *
     * # Errors
     * When the latents are not whole rows of finite numbers.
     */
    project(z: Float32Array | number[]): Float64Array;
    /**
     * Draws samples `first` to `first + count` of a class around the mean latent of its training images
     * (method §4.6): of these, those from number `from` up to `to`, as a batch may be drawn in parts.
     *
     * # Errors
     * When an argument is out of range, or the executor fails.
     */
    sample(_class: number, count: number, temperature: number, seed: number, first: number, from: number, to: number): Promise<any>;
    /**
     * Numbers L_X → the share of the test images with a lower one, each in [0, 1].
     *
     * # Errors
     * When the model was never evaluated.
     */
    shareBelow(l_x: Float64Array | number[]): Float64Array;
    /**
     * Points of the plane, N×2 → latents, N×D: in the plane itself, or `from` (D numbers) moved along it.
     *
     * # Errors
     * When the points are not whole pairs of finite numbers, or `from` is given and has not D finite numbers.
     */
    unproject(points: Float64Array | number[], from?: Float32Array | number[] | null): Float32Array;
    /**
     * What runs the model now.
     *
     * # Errors
     * When it cannot be handed over.
     */
    readonly adapter: any;
    /**
     * The model's card, with the keys of the model file.
     *
     * # Errors
     * When the card cannot be handed over.
     */
    readonly card: any;
    /**
     * The sizes of the model: channels, height, width, dims, classes, parameters.
     *
     * # Errors
     * When they cannot be handed over.
     */
    readonly spec: any;
}

/**
 * A picture as an image that lies as a model's training images do.
 */
export class FramedPicture {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * What was done: `unchanged`, `fitted` or `framed`.
     */
    readonly how: string;
    /**
     * The image, C·H·W bytes.
     */
    readonly image: Uint8Array;
    /**
     * Whether light and dark were exchanged.
     */
    readonly inverted: boolean;
    /**
     * How much larger what is drawn is now, in shares of the longer side.
     */
    readonly scale: number;
}

/**
 * A flow on points of the plane with the state of its training.
 */
export class PlaneTrainer {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * What a picture of [−`extent`, `extent`]² needs: the means, the latents of all points and of a mesh of `lines`
     * lines each way with `places` places each, and the field on `side`² cells.
     *
     * # Errors
     * When an argument is out of range.
     */
    look(extent: number, lines: number, places: number, side: number): any;
    /**
     * An untrained flow, without points. `loss` is `ib`, whose `weight` is γ, or `class-nll`, whose `weight` is D.
     *
     * # Errors
     * When an argument is out of range.
     */
    constructor(classes: number, seed: number, loss: string, weight: number, rate: number, noise: number);
    /**
     * Trains on `count` points of a toy data set and on points of the visitor's own, `x` (N×2) of `classes` (N);
     * gives all of them.
     *
     * # Errors
     * When there is no such set, or the own points are not whole, finite and of its classes.
     */
    setPoints(set: string, count: number, x: Float32Array | number[], classes: Uint8Array | number[]): any;
    /**
     * Changes what may change between two steps; arguments as for [`new`](Self::new).
     *
     * # Errors
     * When an argument is out of range.
     */
    set(loss: string, weight: number, rate: number, noise: number): void;
    /**
     * Takes `count` optimiser steps, and reads the losses of all points.
     *
     * # Errors
     * When the training diverges.
     */
    step(count: number): any;
}

/**
 * Disturbs an image, C·H·W pixels in [0, 1], by the amounts of [`Corruption`], in its order.
 *
 * # Errors
 * When the pixels are not finite or no such image, or an amount is out of range.
 */
export function corruptImage(pixels: Float32Array | number[], channels: number, height: number, columns: number, amounts: Float64Array | number[]): Float32Array;

/**
 * Fits a picture of any size into an image, C·H·W bytes. `rgba` holds red, green, blue and opacity of each pixel, row by
 * row of `width`.
 *
 * # Errors
 * When the picture has no whole rows, or a size of the image is out of range.
 */
export function fitPicture(rgba: Uint8Array | number[], width: number, channels: number, height: number, columns: number): Uint8Array;

/**
 * Brings a picture of any size to how the training images of a model lie on their plain ground; `framing` is what the
 * model's card says of that, as JSON, and the picture is given as to [`fit_picture`].
 *
 * # Errors
 * When the picture has no whole rows, a size of the image is out of range, or the card says something else.
 */
export function framePicture(rgba: Uint8Array | number[], width: number, channels: number, height: number, columns: number, framing: string): FramedPicture;

/**
 * What is known before anything is trained: a model file's bytes, in which the flow of another one has means and a detector
 * for these pictures.
 *
 * # Errors
 * When the bytes are no sound model file, or the model does not take such pictures.
 */
export function knownAtOnce(model: Uint8Array | number[], pictures: CoursePictures, seed: number): Uint8Array;

/**
 * Sends panics to the browser's console; runs when the wasm is instantiated.
 */
export function report_panics(): void;

/**
 * A picture, C·H·W bytes, as a course sees it: moved, turned, scaled and lit a little otherwise, in way number `index`.
 *
 * # Errors
 * When the bytes are no such picture, or an argument is out of range.
 */
export function varyPicture(bytes: Uint8Array | number[], channels: number, height: number, columns: number, index: number, strength: number): Uint8Array;

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly memory: WebAssembly.Memory;
    readonly __wbg_course_free: (a: number, b: number) => void;
    readonly __wbg_coursehelper_free: (a: number, b: number) => void;
    readonly __wbg_coursepictures_free: (a: number, b: number) => void;
    readonly __wbg_engine_free: (a: number, b: number) => void;
    readonly __wbg_framedpicture_free: (a: number, b: number) => void;
    readonly __wbg_planetrainer_free: (a: number, b: number) => void;
    readonly corruptImage: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => [number, number, number, number];
    readonly course_begin: (a: number) => number;
    readonly course_checkpoint: (a: number) => [number, number];
    readonly course_compute: (a: number, b: number) => [number, number];
    readonly course_facts: (a: number) => [number, number, number];
    readonly course_finish: (a: number) => [number, number, number];
    readonly course_give: (a: number, b: number, c: number, d: number, e: number, f: number) => [number, number];
    readonly course_model: (a: number) => [number, number, number, number];
    readonly course_resume: (a: number, b: number, c: number) => [number, number, number];
    readonly course_set: (a: number, b: number, c: number) => [number, number];
    readonly course_setPictures: (a: number, b: number) => [number, number];
    readonly course_start: (a: number, b: number, c: number, d: number, e: number, f: number) => [number, number, number];
    readonly course_task: (a: number, b: number) => [number, number, number];
    readonly course_values: (a: number) => any;
    readonly coursehelper_new: (a: number, b: number, c: number, d: number, e: number) => [number, number, number];
    readonly coursehelper_slope: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number) => [number, number, number];
    readonly coursepictures_new: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number) => [number, number, number];
    readonly engine_adapter: (a: number) => [number, number, number];
    readonly engine_bitsPerDim: (a: number, b: number, c: number) => [number, number];
    readonly engine_card: (a: number) => [number, number, number];
    readonly engine_classify: (a: number, b: number, c: number, d: number) => any;
    readonly engine_decode: (a: number, b: number, c: number, d: number) => any;
    readonly engine_encode: (a: number, b: number, c: number, d: number) => any;
    readonly engine_interpolate: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number) => any;
    readonly engine_load: (a: number, b: number, c: number, d: number, e: number, f: number) => any;
    readonly engine_loseDevice: (a: number) => void;
    readonly engine_noveltyP: (a: number, b: number, c: number) => [number, number, number, number];
    readonly engine_panic: (a: number) => any;
    readonly engine_posterior: (a: number, b: number, c: number) => [number, number, number, number];
    readonly engine_project: (a: number, b: number, c: number) => [number, number, number, number];
    readonly engine_sample: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number) => any;
    readonly engine_shareBelow: (a: number, b: number, c: number) => [number, number, number, number];
    readonly engine_spec: (a: number) => [number, number, number];
    readonly engine_unproject: (a: number, b: number, c: number, d: number, e: number) => [number, number, number, number];
    readonly fitPicture: (a: number, b: number, c: number, d: number, e: number, f: number) => [number, number, number, number];
    readonly framePicture: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number) => [number, number, number];
    readonly framedpicture_how: (a: number) => [number, number];
    readonly framedpicture_image: (a: number) => [number, number];
    readonly framedpicture_inverted: (a: number) => number;
    readonly framedpicture_scale: (a: number) => number;
    readonly knownAtOnce: (a: number, b: number, c: number, d: number) => [number, number, number, number];
    readonly planetrainer_look: (a: number, b: number, c: number, d: number, e: number) => [number, number, number];
    readonly planetrainer_new: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => [number, number, number];
    readonly planetrainer_set: (a: number, b: number, c: number, d: number, e: number, f: number) => [number, number];
    readonly planetrainer_setPoints: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number) => [number, number, number];
    readonly planetrainer_step: (a: number, b: number) => [number, number, number];
    readonly report_panics: () => void;
    readonly varyPicture: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => [number, number, number, number];
    readonly wasm_bindgen__convert__closures_____invoke__h0bf075fa01c67f12: (a: number, b: number, c: any) => [number, number];
    readonly wasm_bindgen__convert__closures_____invoke__h16bed4ca5b941b59: (a: number, b: number, c: any) => [number, number];
    readonly wasm_bindgen__convert__closures_____invoke__h16bed4ca5b941b59_53: (a: number, b: number, c: any) => [number, number];
    readonly wasm_bindgen__convert__closures_____invoke__h16bed4ca5b941b59_54: (a: number, b: number, c: any) => [number, number];
    readonly wasm_bindgen__convert__closures_____invoke__h34067ae4a0ff3f55: (a: number, b: number, c: any, d: any) => void;
    readonly wasm_bindgen__convert__closures_____invoke__h370d5086a01cd997: (a: number, b: number, c: any) => void;
    readonly wasm_bindgen__convert__closures_____invoke__h370d5086a01cd997_52: (a: number, b: number, c: any) => void;
    readonly __wbindgen_malloc: (a: number, b: number) => number;
    readonly __wbindgen_realloc: (a: number, b: number, c: number, d: number) => number;
    readonly __wbindgen_free: (a: number, b: number, c: number) => void;
    readonly __wbindgen_exn_store: (a: number) => void;
    readonly __externref_table_alloc: () => number;
    readonly __wbindgen_externrefs: WebAssembly.Table;
    readonly __wbindgen_destroy_closure: (a: number, b: number) => void;
    readonly __externref_drop_slice: (a: number, b: number) => void;
    readonly __externref_table_dealloc: (a: number) => void;
    readonly __wbindgen_start: () => void;
}

export type SyncInitInput = BufferSource | WebAssembly.Module;

/**
 * Instantiates the given `module`, which can either be bytes or
 * a precompiled `WebAssembly.Module`.
 *
 * @param {{ module: SyncInitInput }} module - Passing `SyncInitInput` directly is deprecated.
 *
 * @returns {InitOutput}
 */
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;

/**
 * If `module_or_path` is {RequestInfo} or {URL}, makes a request and
 * for everything else, calls `WebAssembly.instantiate` directly.
 *
 * @param {{ module_or_path: InitInput | Promise<InitInput> }} module_or_path - Passing `InitInput` directly is deprecated.
 *
 * @returns {Promise<InitOutput>}
 */
export default function __wbg_init (module_or_path?: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;
