// The squared norm of the gradient: the parts of each workgroup of that of the network, then of that of the means.
#import trained_step
@group(0) @binding(1) var<storage, read_write> roles: array<u32>;
@group(0) @binding(2) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;
#import trained_total

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    var network = 0.0;
    var means = 0.0;
    for (var i = LANES * group.x + lane; i < layer.count; i += LANES * groups.x) {
        let role = roles[i];
        if role == TRAINED_NETWORK {
            network += gradient[i] * gradient[i];
        } else if role == TRAINED_MEANS {
            means += gradient[i] * gradient[i];
        }
    }
    let of_network = total(lane, network);
    let of_means = total(lane, means);
    if lane == 0u {
        result[group.x] = of_network;
        result[groups.x + group.x] = of_means;
    }
}
