#import trained_input_rectified INPUT_AT=INPUT_AT

// Adds to the gradient of the map that the inputs are channels of, before the ReLU.
fn give(image: u32, channel: u32, place: u32, sum: f32) {
    let map = image * layer.input_channels + layer.input_first + channel;
    let at = map * layer.input_height * layer.input_width + place;
    result[at] += select(0.0, sum, input[at] > 0.0);
}
