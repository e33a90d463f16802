// Soft permutation, channel scale and offset of a coupling block (method §2.2).
struct TrainedMix {
    batch: u32,
    channels: u32,
    pixels: u32,
    // Places in the parameters and their gradients.
    rotation: u32,
    log_alpha: u32,
    offset: u32,
}
@group(0) @binding(0) var<storage, read_write> layer: TrainedMix;
