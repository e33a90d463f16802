// The step of the optimiser, and of the running statistics, on all numbers.
#import trained_step
@group(0) @binding(1) var<storage, read_write> roles: array<u32>;
@group(0) @binding(2) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(3) var<storage, read_write> values: array<f32>;
@group(0) @binding(4) var<storage, read_write> velocities: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    for (var i = id.x; i < layer.count; i += 256u * groups.x) {
        let role = roles[i];
        if role == TRAINED_NETWORK {
            let slope = gradient[i] * layer.factor + values[i] * layer.weight_decay;
            velocities[i] = velocities[i] * layer.momentum + slope;
            values[i] -= velocities[i] * layer.rate;
        } else if role == TRAINED_MEANS {
            values[i] -= gradient[i] * layer.factor * layer.means_rate;
        } else if role == TRAINED_STATISTIC {
            values[i] = gradient[i] * layer.newest + values[i] * (1.0 - layer.newest);
        }
    }
}
