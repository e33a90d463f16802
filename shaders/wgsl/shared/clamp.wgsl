// The two clamps of the scale's logarithm, from `exp` alone: WGSL lets `tanh` be NaN for large arguments and be off by
// 1e-5, and lets `atan` be off by 4096 units in the last place, which log-dets over thousands of numbers would show.

// Beyond this argument tanh is ±1 in f32, and far below it exp is still finite.
const TANH_LIMIT: f32 = 15.0;

fn tanh_clamped(v: vec4f) -> vec4f {
    let e = exp(-2.0 * min(abs(v), vec4f(TANH_LIMIT)));
    return sign(v) * (1.0 - e) / (1.0 + e);
}

// ℓ = 0.7·tanh(k·s) of couplings and down-couplings.
fn soft_clamp(s: vec4f, slope: f32) -> vec4f {
    return 0.7 * tanh_clamped(slope * s);
}

// atan of 0 to 1: a Chebyshev fit of atan(x)/x in x², off by 1.1e-7 at most.
fn arctan_unit(x: vec4f) -> vec4f {
    let t = x * x;
    var p = fma(t, vec4f(0.00283406419), vec4f(-0.0160050299));
    p = fma(p, t, vec4f(0.0425876081));
    p = fma(p, t, vec4f(-0.0749544576));
    p = fma(p, t, vec4f(0.106367543));
    p = fma(p, t, vec4f(-0.142025709));
    p = fma(p, t, vec4f(0.199924842));
    p = fma(p, t, vec4f(-0.333330661));
    p = fma(p, t, vec4f(1.0));
    return p * x;
}

fn arctan(v: vec4f) -> vec4f {
    let a = abs(v);
    let turned = a > vec4f(1.0);
    let angle = arctan_unit(select(a, 1.0 / max(a, vec4f(1.0)), turned));
    return sign(v) * select(angle, 1.57079632679 - angle, turned);
}

// E = 1.272·atan(s/2) of the dense coupling.
fn dense_clamp(s: vec4f) -> vec4f {
    return 1.272 * arctan(0.5 * s);
}
