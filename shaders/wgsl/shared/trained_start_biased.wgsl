fn start(output: u32) -> f32 {
    return values[layer.bias + output];
}
