// The first layer of a subnet of the dense coupling: linear, bias, ReLU.
#import tile
#import latent_tile

@group(0) @binding(0) var<uniform> layer: Layer;
@group(0) @binding(1) var<storage, read> weights: array<vec4f>;
@group(0) @binding(2) var<storage, read> latents: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> hidden: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let group = id.x;
    if group >= layer.groups_out {
        return;
    }
    var sum = splat(weights[layer.bias + group]);
    var w = layer.weights + 4u * group;
    let row = layer.source_row;
    var at = id.y * TILE * row + layer.source;
    for (var k = 0u; k < layer.groups_in; k++) {
        let x = Tile(
            latents[at],
            latents[at + row],
            latents[at + 2u * row],
            latents[at + 3u * row],
            latents[at + 4u * row],
            latents[at + 5u * row],
            latents[at + 6u * row],
            latents[at + 7u * row],
        );
        sum = multiply_add_tile(sum, matrix(w), x);
        w += 4u * layer.groups_out;
        at += 1u;
    }
    let result = max_tile(sum, 0.0);
    let step = layer.dest_row;
    let i = id.y * TILE * step + layer.dest + group;
    hidden[i] = result.p0;
    hidden[i + step] = result.p1;
    hidden[i + 2u * step] = result.p2;
    hidden[i + 3u * step] = result.p3;
    hidden[i + 4u * step] = result.p4;
    hidden[i + 5u * step] = result.p5;
    hidden[i + 6u * step] = result.p6;
    hidden[i + 7u * step] = result.p7;
}
