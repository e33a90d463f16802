// Backwards: the gradients of γ and β of a channel, a workgroup each, and what the gradient of its input needs: mean(dz) and
// γ/σ²·mean(dz·x̂).
#import trained_norm
@group(0) @binding(1) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(2) var<storage, read_write> map: array<f32>;
@group(0) @binding(3) var<storage, read_write> norm: array<f32>;
@group(0) @binding(4) var<storage, read_write> slopes: array<f32>;
#import trained_total

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
    let channel = group.x;
    let items = layer.batch * layer.pixels;
    let mean = norm[channel];
    var shift = 0.0;
    var scale = 0.0;
    for (var item = lane; item < items; item += LANES) {
        let at = (item / layer.pixels * layer.channels + channel) * layer.pixels + item % layer.pixels;
        shift += slopes[at];
        scale += slopes[at] * (map[at] - mean);
    }
    let beta = total(lane, shift);
    let n = layer.channels;
    let gamma = total(lane, scale) * norm[n + channel];
    if lane == 0u {
        gradient[layer.beta + channel] = beta;
        gradient[layer.gamma + channel] = gamma;
        norm[4u * n + channel] = beta / f32(items);
        norm[5u * n + channel] = gamma / f32(items) * norm[n + channel] * norm[2u * n + channel];
    }
}
