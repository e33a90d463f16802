// The convolutional part of the flow, in either direction: interprets a run of steps, one image a workgroup.
//
// The maps of an image live in its part of `scratch`, and a barrier within the workgroup orders the steps, so any
// number of steps is one dispatch. An invocation's part of the log-det stays in a register until the run ends.
#import step
#import tile
#import clamp
#import reduce
#import convolve
#import couple
#import rearrange

const LANES: u32 = 64u;

struct Run {
    // The steps first .. end are run.
    first: u32,
    end: u32,
    // vec4 of scratch an image.
    scratch_length: u32,
    // Where this run's log-det goes in `partials`, and the number of entries there an image.
    slot: u32,
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

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
    let image = workgroup.x;
    let base = image * run.scratch_length;
    var log_det = 0.0;
    for (var i = run.first; i < run.end; i++) {
        let step = steps[i];
        switch step.kind {
            case KIND_CONVOLVE: { convolve(step, base, lane); }
            case KIND_CONVOLVE_STRIDED: { convolve_strided(step, base, lane); }
            case KIND_COUPLE: { log_det += couple(step, base, lane); }
            case KIND_MIX: { mix(step, base, lane); }
            case KIND_FOLD: { fold(step, base, lane); }
            case KIND_UNFOLD: { unfold(step, base, lane); }
            case KIND_LOAD: { load(step, base, image, lane); }
            case KIND_STORE: { store(step, base, image, lane); }
            default: { transform(step, base, lane); }
        }
        storageBarrier();
    }
    let sum = sum_of_workgroup(log_det, lane);
    if lane == 0u {
        partials[image * run.slots + run.slot] = sum;
    }
}
