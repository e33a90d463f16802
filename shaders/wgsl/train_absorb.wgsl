// The running statistics alone: of a batch that nothing is learnt from.
#import trained_step
@group(0) @binding(1) var<storage, read_write> roles: array<u32>;
@group(0) @binding(2) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(3) var<storage, read_write> values: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    for (var i = id.x; i < layer.count; i += 256u * groups.x) {
        if roles[i] == TRAINED_STATISTIC {
            values[i] = gradient[i] * layer.newest + values[i] * (1.0 - layer.newest);
        }
    }
}
