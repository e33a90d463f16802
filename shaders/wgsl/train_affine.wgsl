// Forwards: the affine coupling of an image, a workgroup each, with its log-det.
#import trained_affine
@group(0) @binding(1) var<storage, read_write> values: array<f32>;
@group(0) @binding(2) var<storage, read_write> map: array<f32>;
@group(0) @binding(3) var<storage, read_write> subnet: array<f32>;
@group(0) @binding(4) var<storage, read_write> output: array<f32>;
@group(0) @binding(5) var<storage, read_write> log_det: array<f32>;
#import trained_total

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
    let image = group.x;
    let pixels = layer.height * layer.width;
    let numbers = layer.channels * pixels;
    for (var i = lane; i < layer.copied * pixels; i += LANES) {
        output[image * layer.output_channels * pixels + i] = map[image * layer.input_channels * pixels + i];
    }
    var sum = 0.0;
    for (var i = lane; i < numbers; i += LANES) {
        let a = 2u * image * numbers + i;
        let log_scale = TRAINED_BOUND * squashed(subnet[a]);
        let x = map[source(image, i / pixels, i % pixels)];
        let at = (image * layer.output_channels + layer.output_first) * pixels + i;
        output[at] = x * exp(log_scale) + subnet[a + numbers];
        sum += log_scale;
    }
    for (var i = lane; i < layer.scales; i += LANES) {
        sum += values[layer.log_alpha + i] * f32(pixels);
    }
    let all = total(lane, sum);
    if lane == 0u {
        log_det[image] += all;
    }
}
