// The second layer of a subnet of the dense coupling, and the affine coupling of one half of the latents with it.
#variant dense_couple_1 IMAGES=1
#variant dense_couple_8 IMAGES=8
#import matrix
#import clamp
#import dense
#import size

@group(0) @binding(0) var<uniform> layer: Dense;
@group(0) @binding(1) var<storage, read> weights: array<vec4f>;
@group(0) @binding(2) var<storage, read> hidden: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> latents: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> partials: array<f32>;

// Couples four numbers of one latent with the raw scale s and shift t, and on the way to latents writes their log-det.
fn couple_latent(image: u32, group: u32, s: vec4f, t: vec4f) {
    let i = image * layer.dest_row + layer.dest + group;
    let e = dense_clamp(s);
    if layer.inverse != 0u {
        latents[i] = (latents[i] - t) * exp(-e);
    } else {
        latents[i] = fma(latents[i], exp(e), t);
        partials[image * layer.slots + layer.slot + group] = dot(e, vec4f(1.0));
    }
}

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let groups = layer.groups_out;
    let group = id.x;
    if group >= groups {
        return;
    }
#for i in 0..IMAGES
    var s${i} = weights[layer.bias + group];
    var t${i} = weights[layer.bias + groups + group];
#end
    var w = layer.weights + group;
    let row = layer.source_row;
    var at = id.y * ${IMAGES}u * row + layer.source;
    for (var k = 0u; k < layer.groups_in; k++) {
        let scale = matrix(w, 2u * groups);
        let shift = matrix(w + groups, 2u * groups);
#for i in 0..IMAGES
        let x${i} = hidden[at + ${i}u * row];
        s${i} = multiply_add(s${i}, scale, x${i});
        t${i} = multiply_add(t${i}, shift, x${i});
#end
        w += 8u * groups;
        at += 1u;
    }
#for i in 0..IMAGES
    couple_latent(id.y * ${IMAGES}u + ${i}u, group, s${i}, t${i});
#end
}
