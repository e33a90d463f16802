// Forwards: the batch-norm of a channel, a workgroup each. Of each channel `norm` holds the mean, 1/σ, γ/σ and β − mean·γ/σ,
// the gradient buffer the mean and the unbiased variance.
#import trained_norm
@group(0) @binding(1) var<storage, read_write> values: array<f32>;
@group(0) @binding(2) var<storage, read_write> map: array<f32>;
@group(0) @binding(3) var<storage, read_write> norm: array<f32>;
@group(0) @binding(4) var<storage, read_write> gradient: array<f32>;
#import trained_total

const TRAINED_EPSILON: f32 = 1e-4;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
    let channel = group.x;
    let items = layer.batch * layer.pixels;
    let count = f32(items);
    var sum = 0.0;
    for (var item = lane; item < items; item += LANES) {
        sum += map[(item / layer.pixels * layer.channels + channel) * layer.pixels + item % layer.pixels];
    }
    let mean = total(lane, sum) / count;
    var squares = 0.0;
    for (var item = lane; item < items; item += LANES) {
        let value = map[(item / layer.pixels * layer.channels + channel) * layer.pixels + item % layer.pixels];
        squares += (value - mean) * (value - mean);
    }
    let deviations = total(lane, squares);
    if lane == 0u {
        let n = layer.channels;
        let inverse = 1.0 / sqrt(deviations / count + TRAINED_EPSILON);
        let scale = inverse * values[layer.gamma + channel];
        norm[channel] = mean;
        norm[n + channel] = inverse;
        norm[2u * n + channel] = scale;
        norm[3u * n + channel] = values[layer.beta + channel] - mean * scale;
        gradient[layer.running_mean + channel] = mean;
        gradient[layer.running_variance + channel] = deviations / (count - 1.0);
    }
}
