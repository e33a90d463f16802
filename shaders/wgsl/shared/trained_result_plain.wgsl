// Adds to the gradient of the map that the inputs are channels of.
fn give(image: u32, channel: u32, place: u32, sum: f32) {
    let map = image * layer.input_channels + layer.input_first + channel;
    result[map * layer.input_height * layer.input_width + place] += sum;
}
