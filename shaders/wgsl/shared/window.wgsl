// The nine taps of a 3×3 convolution.
struct Taps {
#for t in 0..9
    t${t}: vec4f,
#end
}

// sum + Σ w·x for one output. Each output by itself, since its nine weights and its sum fit the registers of a CPU.
fn add_window(
    sum: f32,
    w0: f32, w1: f32, w2: f32, w3: f32, w4: f32, w5: f32, w6: f32, w7: f32, w8: f32,
    x0: f32, x1: f32, x2: f32, x3: f32, x4: f32, x5: f32, x6: f32, x7: f32, x8: f32,
) -> f32 {
    var s = sum;
#for t in 0..9
    s = fma(w${t}, x${t}, s);
#end
    return s;
}

// The same for four outputs.
fn add_windows(
    sum: vec4f,
    w: Taps,
    x0: f32, x1: f32, x2: f32, x3: f32, x4: f32, x5: f32, x6: f32, x7: f32, x8: f32,
) -> vec4f {
    return vec4f(
#for c in 0..4
        add_window(
            sum[${c}],
            w.t0[${c}], w.t1[${c}], w.t2[${c}], w.t3[${c}], w.t4[${c}], w.t5[${c}], w.t6[${c}], w.t7[${c}], w.t8[${c}],
            x0, x1, x2, x3, x4, x5, x6, x7, x8,
        ),
#end
    );
}
