// Backwards: 4 channels of a pixel of the gradient of u, Wᵀ·(e^α·dy).
#import trained_mix
@group(0) @binding(1) var<storage, read_write> values: array<f32>;
@group(0) @binding(2) var<storage, read_write> slopes: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let item = id.x + 64u * groups.x * id.z;
    if item >= layer.batch * layer.pixels {
        return;
    }
    let n = layer.channels;
    let at = item / layer.pixels * n * layer.pixels + item % layer.pixels;
    let first = 4u * id.y;
    #for k in 0..4
    let column${k} = layer.rotation + min(first + ${k}u, n - 1u);
    var sum${k} = 0.0;
    #end
    for (var o = 0u; o < n; o++) {
        let slope = exp(values[layer.log_alpha + o]) * slopes[at + o * layer.pixels];
        #for k in 0..4
        sum${k} += slope * values[column${k} + o * n];
        #end
    }
    #for k in 0..4
    if first + ${k}u < n {
        result[at + (first + ${k}u) * layer.pixels] = sum${k};
    }
    #end
}
