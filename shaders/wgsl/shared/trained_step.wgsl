// What a step does with every number (method §1.4).
struct TrainedStep {
    count: u32,
    // min(1, clip/norm).
    factor: f32,
    rate: f32,
    means_rate: f32,
    momentum: f32,
    weight_decay: f32,
    // Weight of the newest batch in running statistics.
    newest: f32,
}
@group(0) @binding(0) var<storage, read_write> layer: TrainedStep;

// What a number is.
const TRAINED_NETWORK: u32 = 1u;
const TRAINED_MEANS: u32 = 2u;
const TRAINED_STATISTIC: u32 = 3u;
