// The gradient of what the batch-norm behind the convolution gave, (images, outputs, rows, columns).
@group(0) @binding(2) var<storage, read_write> slopes: array<f32>;
// What the convolution gave.
@group(0) @binding(${OUTER_AT}) var<storage, read_write> outer: array<f32>;
// What `train_statistics` and `train_norm_gradient` wrote of it.
@group(0) @binding(${OUTER_AT+1}) var<storage, read_write> outer_norm: array<f32>;

// The gradient of what the convolution gave: γ/σ·(dz − mean(dz) − x̂·mean(dz·x̂)).
fn slope_at(image: u32, channel: u32, place: u32) -> f32 {
    let n = layer.outputs;
    let at = (image * n + channel) * layer.height * layer.width + place;
    let through = outer_norm[2u * n + channel] * (slopes[at] - outer_norm[4u * n + channel]);
    return through - (outer[at] - outer_norm[channel]) * outer_norm[5u * n + channel];
}
