// Forwards: 4 channels of a pixel of y = e^α·W·u + o.
#import trained_mix
@group(0) @binding(1) var<storage, read_write> values: array<f32>;
@group(0) @binding(2) var<storage, read_write> input: array<f32>;
@group(0) @binding(3) var<storage, read_write> output: array<f32>;

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
    let row${k} = layer.rotation + min(first + ${k}u, n - 1u) * n;
    var sum${k} = 0.0;
    #end
    for (var i = 0u; i < n; i++) {
        let x = input[at + i * layer.pixels];
        #for k in 0..4
        sum${k} += x * values[row${k} + i];
        #end
    }
    #for k in 0..4
    if first + ${k}u < n {
        let scaled = exp(values[layer.log_alpha + first + ${k}u]) * sum${k};
        output[at + (first + ${k}u) * layer.pixels] = scaled + values[layer.offset + first + ${k}u];
    }
    #end
}
