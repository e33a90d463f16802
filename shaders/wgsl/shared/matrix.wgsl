// Products of 4×4 matrices with vectors of four channels. Whoever imports this declares `weights: array<vec4f>`.

// The matrix whose columns lie `stride` apart from weights[i] on; column j holds the weights of input j.
fn matrix(i: u32, stride: u32) -> mat4x4f {
    return mat4x4f(weights[i], weights[i + stride], weights[i + 2u * stride], weights[i + 3u * stride]);
}

// sum + m·x
fn multiply_add(sum: vec4f, m: mat4x4f, x: vec4f) -> vec4f {
    return fma(m[3], vec4f(x.w), fma(m[2], vec4f(x.z), fma(m[1], vec4f(x.y), fma(m[0], vec4f(x.x), sum))));
}
