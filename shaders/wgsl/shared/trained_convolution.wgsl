// A convolution in training. Maps are (images, channels, rows, columns); a storage buffer is a part of one that others share,
// so that all of them are read_write.
struct TrainedConvolution {
    batch: u32,
    // Channels.
    inputs: u32,
    outputs: u32,
    // The map of its outputs.
    height: u32,
    width: u32,
    // The map of its inputs, of which its own channels begin at first.
    input_height: u32,
    input_width: u32,
    input_channels: u32,
    input_first: u32,
    stride: u32,
    // Places in the parameters and their gradients.
    weight: u32,
    bias: u32,
    // Place of the factors of its inputs, (images, inputs).
    mask: u32,
}
@group(0) @binding(0) var<storage, read_write> layer: TrainedConvolution;
