// Sums the partial log-dets of each image in a fixed order: one image a workgroup.
#import reduce

struct Sums {
    // Partial log-dets an image.
    slots: u32,
}

@group(0) @binding(0) var<uniform> sums: Sums;
@group(0) @binding(1) var<storage, read> partials: array<f32>;
@group(0) @binding(2) var<storage, read_write> log_dets: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
    let image = workgroup.x;
    var sum = 0.0;
    for (var i = lane; i < sums.slots; i += 64u) {
        sum += partials[image * sums.slots + i];
    }
    let total = sum_of_workgroup(sum, lane);
    if lane == 0u {
        log_dets[image] = total;
    }
}
