#import trained_input_normalized INPUT_AT=INPUT_AT

// The gradient of what the inputs' batch-norm gave.
fn give(image: u32, channel: u32, place: u32, sum: f32) {
    let at = (image * layer.inputs + channel) * layer.input_height * layer.input_width + place;
    let value = input[at] * norm[2u * layer.inputs + channel] + norm[3u * layer.inputs + channel];
    result[at] = select(0.0, sum, value > 0.0);
}
