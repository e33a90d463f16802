// A batch-norm in training.
struct TrainedNorm {
    batch: u32,
    channels: u32,
    pixels: u32,
    // Places in the parameters and their gradients.
    gamma: u32,
    beta: u32,
    running_mean: u32,
    running_variance: u32,
}
@group(0) @binding(0) var<storage, read_write> layer: TrainedNorm;
