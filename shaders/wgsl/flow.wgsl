// The convolutional part of the flow, in either direction: interprets a run of steps, one image a workgroup.
//
// The maps of an image live in its part of `scratch`, and a barrier within the workgroup orders the steps, so any
// number of steps is one dispatch.
#variant flow ROWS=1 COLUMNS=8 PLANES=1
#import step
#import matrix
#import clamp

const INVOCATIONS: u32 = 256u;

struct Run {
    // The steps first .. end are run.
    first: u32,
    end: u32,
    // vec4 of scratch an image.
    scratch_length: u32,
    // Partial log-dets an image.
    slots: u32,
}

@group(0) @binding(0) var<uniform> run: Run;
@group(0) @binding(1) var<storage, read> steps: array<Step>;
@group(0) @binding(2) var<storage, read> weights: array<vec4f>;
@group(0) @binding(3) var<storage, read> tables: array<u32>;
@group(0) @binding(4) var<storage, read> input: array<f32>;
@group(0) @binding(5) var<storage, read_write> scratch: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> output: array<f32>;
@group(0) @binding(7) var<storage, read_write> partials: array<f32>;

#import convolve STRIDE=1
#import convolve STRIDE=2
#import couple
#import mix
#import rectify
#import fold
#import unfold
#import load
#import store
#import transform

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
    let index = workgroup.x;
    let image = Image(index, index * run.scratch_length, index * run.slots);
    for (var i = run.first; i < run.end; i++) {
        let step = steps[i];
        for (var item = lane; item < step.items; item += INVOCATIONS) {
            switch step.kind {
                case KIND_CONVOLVE: { convolve_1(step, image, item); }
                case KIND_CONVOLVE_STRIDED: { convolve_2(step, image, item); }
                case KIND_COUPLE: { couple(step, image, item); }
                case KIND_MIX: { mix(step, image, item); }
                case KIND_RECTIFY: { rectify(step, image, item); }
                case KIND_FOLD: { fold(step, image, item); }
                case KIND_UNFOLD: { unfold(step, image, item); }
                case KIND_LOAD: { load(step, image, item); }
                case KIND_STORE: { store(step, image, item); }
                default: { transform(step, image, item); }
            }
        }
        storageBarrier();
    }
}
