// The first layer of a subnet of the dense coupling: linear, bias, ReLU.
#variant dense_hidden_1 IMAGES=1
#variant dense_hidden_8 IMAGES=8
#import matrix
#import dense
#import size

@group(0) @binding(0) var<uniform> layer: Dense;
@group(0) @binding(1) var<storage, read> weights: array<vec4f>;
@group(0) @binding(2) var<storage, read> latents: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> hidden: array<vec4f>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let groups = layer.groups_out;
    let group = id.x;
    if group >= groups {
        return;
    }
#for i in 0..IMAGES
    var sum${i} = weights[layer.bias + group];
#end
    var w = layer.weights + group;
    let row = layer.source_row;
    var at = id.y * ${IMAGES}u * row + layer.source;
    for (var k = 0u; k < layer.groups_in; k++) {
        let m = matrix(w, groups);
#for i in 0..IMAGES
        sum${i} = multiply_add(sum${i}, m, latents[at + ${i}u * row]);
#end
        w += 4u * groups;
        at += 1u;
    }
    let out = id.y * ${IMAGES}u * layer.dest_row + layer.dest + group;
#for i in 0..IMAGES
    hidden[out + ${i}u * layer.dest_row] = max(sum${i}, vec4f());
#end
}
