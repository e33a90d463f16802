// The second layer of a subnet of the dense coupling, and the affine coupling of one half of the latents with it.
#import tile
#import clamp
#import latent_tile

@group(0) @binding(0) var<uniform> layer: Layer;
@group(0) @binding(1) var<storage, read> weights: array<vec4f>;
@group(0) @binding(2) var<storage, read> hidden: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> latents: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> partials: array<f32>;

// Couples four numbers of one latent with the raw scale s and shift t, and writes their log-det.
fn couple_latent(image: u32, group: u32, s: vec4f, t: vec4f) {
    let i = image * layer.dest_row + layer.dest + group;
    let e = dense_clamp(s);
    if layer.inverse != 0u {
        latents[i] = (latents[i] - t) * exp(-e);
    } else {
        latents[i] = fma(latents[i], exp(e), t);
    }
    partials[image * layer.slots + layer.slot + group] = dot(e, vec4f(1.0));
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let group = id.x;
    if group >= layer.groups_out {
        return;
    }
    var s = splat(weights[layer.bias + 2u * group]);
    var t = splat(weights[layer.bias + 2u * group + 1u]);
    var w = layer.weights + 8u * group;
    let row = layer.source_row;
    var at = id.y * TILE * row + layer.source;
    for (var k = 0u; k < layer.groups_in; k++) {
        let x = Tile(
            hidden[at],
            hidden[at + row],
            hidden[at + 2u * row],
            hidden[at + 3u * row],
            hidden[at + 4u * row],
            hidden[at + 5u * row],
            hidden[at + 6u * row],
            hidden[at + 7u * row],
        );
        s = multiply_add_tile(s, matrix(w), x);
        t = multiply_add_tile(t, matrix(w + 4u), x);
        w += 8u * layer.groups_out;
        at += 1u;
    }
    let first = id.y * TILE;
    couple_latent(first, group, s.p0, t.p0);
    couple_latent(first + 1u, group, s.p1, t.p1);
    couple_latent(first + 2u, group, s.p2, t.p2);
    couple_latent(first + 3u, group, s.p3, t.p3);
    couple_latent(first + 4u, group, s.p4, t.p4);
    couple_latent(first + 5u, group, s.p5, t.p5);
    couple_latent(first + 6u, group, s.p6, t.p6);
    couple_latent(first + 7u, group, s.p7, t.p7);
}
