// Backwards: from the gradients of what an affine coupling gave to those of x₂ and of what the subnet gave.
#import trained_affine
@group(0) @binding(1) var<storage, read_write> map: array<f32>;
@group(0) @binding(2) var<storage, read_write> subnet: array<f32>;
@group(0) @binding(3) var<storage, read_write> slopes: array<f32>;
@group(0) @binding(4) var<storage, read_write> log_det_slopes: array<f32>;
@group(0) @binding(5) var<storage, read_write> subnet_slopes: array<f32>;
@group(0) @binding(6) var<storage, read_write> map_slopes: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let item = id.x + 64u * groups.x * id.z;
    let pixels = layer.height * layer.width;
    let numbers = layer.channels * pixels;
    let kept = layer.copied * pixels;
    let image = item / (numbers + kept);
    if image >= layer.batch {
        return;
    }
    let i = item % (numbers + kept);
    if i >= numbers {
        let at = image * layer.output_channels * pixels + i - numbers;
        map_slopes[image * layer.input_channels * pixels + i - numbers] = slopes[at];
        return;
    }
    let a = 2u * image * numbers + i;
    let t = squashed(subnet[a]);
    let scale = exp(TRAINED_BOUND * t);
    let slope = slopes[(image * layer.output_channels + layer.output_first) * pixels + i];
    let at = source(image, i / pixels, i % pixels);
    let log_slope = slope * map[at] * scale + log_det_slopes[image];
    subnet_slopes[a] = log_slope * TRAINED_BOUND * layer.slope * (1.0 - t * t);
    subnet_slopes[a + numbers] = slope;
    map_slopes[at] = slope * scale;
}
