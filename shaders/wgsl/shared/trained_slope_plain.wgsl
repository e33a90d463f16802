// The gradient of what the convolution gave, (images, outputs, rows, columns).
@group(0) @binding(2) var<storage, read_write> slopes: array<f32>;

fn slope_at(image: u32, channel: u32, place: u32) -> f32 {
    return slopes[(image * layer.outputs + channel) * layer.height * layer.width + place];
}
