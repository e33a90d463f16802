// Products of weight matrices with eight vec4 at a time, each four channels of one pixel (or four dimensions of one
// latent). Whoever imports this declares `weights: array<vec4f>`.
//
// Everything lives in named values: indexed arrays would go to memory, which software adapters and Tint punish.

// Pixels in a tile.
const TILE: u32 = 8u;

struct Tile {
    p0: vec4f,
    p1: vec4f,
    p2: vec4f,
    p3: vec4f,
    p4: vec4f,
    p5: vec4f,
    p6: vec4f,
    p7: vec4f,
}

fn splat(v: vec4f) -> Tile {
    return Tile(v, v, v, v, v, v, v, v);
}

// The 4×4 matrix whose columns begin at weights[i]; column j holds the weights of input j.
fn matrix(i: u32) -> mat4x4f {
    return mat4x4f(weights[i], weights[i + 1u], weights[i + 2u], weights[i + 3u]);
}

// sum + m·x
fn multiply_add(sum: vec4f, m: mat4x4f, x: vec4f) -> vec4f {
    return fma(m[3], vec4f(x.w), fma(m[2], vec4f(x.z), fma(m[1], vec4f(x.y), fma(m[0], vec4f(x.x), sum))));
}

fn multiply_add_tile(sum: Tile, m: mat4x4f, x: Tile) -> Tile {
    return Tile(
        multiply_add(sum.p0, m, x.p0),
        multiply_add(sum.p1, m, x.p1),
        multiply_add(sum.p2, m, x.p2),
        multiply_add(sum.p3, m, x.p3),
        multiply_add(sum.p4, m, x.p4),
        multiply_add(sum.p5, m, x.p5),
        multiply_add(sum.p6, m, x.p6),
        multiply_add(sum.p7, m, x.p7),
    );
}

fn max_tile(t: Tile, low: f32) -> Tile {
    let l = vec4f(low);
    return Tile(
        max(t.p0, l),
        max(t.p1, l),
        max(t.p2, l),
        max(t.p3, l),
        max(t.p4, l),
        max(t.p5, l),
        max(t.p6, l),
        max(t.p7, l),
    );
}
