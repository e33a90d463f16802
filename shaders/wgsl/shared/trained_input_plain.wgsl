@group(0) @binding(${INPUT_AT}) var<storage, read_write> input: array<f32>;

// Number `place` of a channel of an image's input.
fn input_at(image: u32, channel: u32, place: u32) -> f32 {
    let map = image * layer.input_channels + layer.input_first + channel;
    return input[map * layer.input_height * layer.input_width + place];
}
