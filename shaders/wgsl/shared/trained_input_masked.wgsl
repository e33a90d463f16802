@group(0) @binding(${INPUT_AT}) var<storage, read_write> input: array<f32>;
// What `train_statistics` wrote of the inputs.
@group(0) @binding(${INPUT_AT+1}) var<storage, read_write> norm: array<f32>;
@group(0) @binding(${INPUT_AT+2}) var<storage, read_write> masks: array<f32>;

// Number `place` of a channel of an image's input, behind its batch-norm, ReLU and dropout.
fn input_at(image: u32, channel: u32, place: u32) -> f32 {
    let value = input[(image * layer.inputs + channel) * layer.input_height * layer.input_width + place];
    let rectified = max(value * norm[2u * layer.inputs + channel] + norm[3u * layer.inputs + channel], 0.0);
    return rectified * masks[layer.mask + image * layer.inputs + channel];
}
