// Backwards: the gradients of a channel's log-scale and offset, a workgroup each.
#import trained_mix
@group(0) @binding(1) var<storage, read_write> values: array<f32>;
@group(0) @binding(2) var<storage, read_write> output: array<f32>;
@group(0) @binding(3) var<storage, read_write> slopes: array<f32>;
@group(0) @binding(4) var<storage, read_write> log_det_slopes: array<f32>;
@group(0) @binding(5) var<storage, read_write> gradient: array<f32>;
#import trained_total

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
    let channel = group.x;
    let offset = values[layer.offset + channel];
    var shift = 0.0;
    var scale = 0.0;
    for (var item = lane; item < layer.batch * layer.pixels; item += LANES) {
        let at = (item / layer.pixels * layer.channels + channel) * layer.pixels + item % layer.pixels;
        shift += slopes[at];
        scale += slopes[at] * (output[at] - offset);
    }
    for (var image = lane; image < layer.batch; image += LANES) {
        scale += f32(layer.pixels) * log_det_slopes[image];
    }
    let shifts = total(lane, shift);
    let scales = total(lane, scale);
    if lane == 0u {
        gradient[layer.offset + channel] = shifts;
        gradient[layer.log_alpha + channel] = scales;
    }
}
