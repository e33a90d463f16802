// The affine coupling of some channels x₂ of a map with what a subnet gave (method §2.2).
struct TrainedAffine {
    batch: u32,
    // Channels of x₂ as they come out.
    channels: u32,
    // The map that comes out.
    height: u32,
    width: u32,
    output_channels: u32,
    output_first: u32,
    // The map that comes in; with folded = 1 it has twice the rows and columns, and each of its channels becomes four.
    input_channels: u32,
    input_first: u32,
    folded: u32,
    // First channels that come out as they came in.
    copied: u32,
    // Place and number of the logarithms of the channel scales that follow.
    log_alpha: u32,
    scales: u32,
    // Factor k of the clamp.
    slope: f32,
}
@group(0) @binding(0) var<storage, read_write> layer: TrainedAffine;

const TRAINED_BOUND: f32 = 0.7;

// Where number `place` of a channel of x₂, as it comes out, lies in the map that comes in.
fn source(image: u32, channel: u32, place: u32) -> u32 {
    let map = image * layer.input_channels + layer.input_first;
    if layer.folded == 0u {
        return (map + channel) * layer.height * layer.width + place;
    }
    let row = 2u * (place / layer.width) + (channel / 2u) % 2u;
    let column = 2u * (place % layer.width) + channel % 2u;
    return ((map + channel / 4u) * 2u * layer.height + row) * 2u * layer.width + column;
}

// tanh(k·a), whose argument no driver's exponential function must see when it is large.
fn squashed(a: f32) -> f32 {
    return tanh(clamp(layer.slope * a, -15.0, 15.0));
}
