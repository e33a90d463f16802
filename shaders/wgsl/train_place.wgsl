// Copies a tensor's gradient to its place among all.
struct TrainedPlace {
    first: u32,
    count: u32,
}
@group(0) @binding(0) var<storage, read_write> layer: TrainedPlace;
@group(0) @binding(1) var<storage, read_write> input: array<f32>;
@group(0) @binding(2) var<storage, read_write> gradient: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    for (var i = id.x; i < layer.count; i += 256u * groups.x) {
        gradient[layer.first + i] = input[i];
    }
}
