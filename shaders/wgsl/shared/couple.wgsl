// The pointwise parts of couplings: scale, shift and channel mixing, a row of eight pixels of one plane an invocation.

// Couples one pixel with the raw scale s and shift t; returns Σℓ of its four channels. Channels that pass through have
// s = t = 0.
fn couple_pixel(i: u32, s: vec4f, t: vec4f, step: Step) -> f32 {
    let l = soft_clamp(s, step.slope);
    if (step.option & OPTION_INVERSE) != 0u {
        scratch[i] = (scratch[i] - t) * exp(-l);
    } else {
        scratch[i] = fma(scratch[i], exp(l), t);
    }
    return dot(l, vec4f(1.0));
}

// Couples the planes of dest in place with scale and shift from the last hidden layer in source; returns this
// invocation's part of Σℓ.
fn couple(step: Step, base: u32, lane: u32) -> f32 {
    let columns = (step.width + TILE - 1u) / TILE;
    let tiles = columns * step.height;
    var log_det = 0.0;
    for (var item = lane; item < tiles * step.planes_out; item += LANES) {
        let plane = item / tiles;
        let y = item % tiles / columns;
        let x = item % columns * TILE;
        let pixel = (y + 1u) * step.source_row + x + 1u;
        var s = splat(weights[step.bias + 2u * plane]);
        var t = splat(weights[step.bias + 2u * plane + 1u]);
        var w = step.weights + plane * step.planes_in * 8u;
        var at = base + step.source + pixel;
        for (var k = 0u; k < step.planes_in; k++) {
            let hidden = load_tile(at, 1u);
            s = multiply_add_tile(s, matrix(w), hidden);
            t = multiply_add_tile(t, matrix(w + 4u), hidden);
            w += 8u;
            at += step.source_plane;
        }
        let i = base + step.dest + plane * step.dest_plane + pixel;
        let count = step.width - x;
        log_det += couple_pixel(i, s.p0, t.p0, step);
        if count > 1u { log_det += couple_pixel(i + 1u, s.p1, t.p1, step); }
        if count > 2u { log_det += couple_pixel(i + 2u, s.p2, t.p2, step); }
        if count > 3u { log_det += couple_pixel(i + 3u, s.p3, t.p3, step); }
        if count > 4u { log_det += couple_pixel(i + 4u, s.p4, t.p4, step); }
        if count > 5u { log_det += couple_pixel(i + 5u, s.p5, t.p5, step); }
        if count > 6u { log_det += couple_pixel(i + 6u, s.p6, t.p6, step); }
        if count > 7u { log_det += couple_pixel(i + 7u, s.p7, t.p7, step); }
    }
    return log_det;
}

fn mix(step: Step, base: u32, lane: u32) {
    let columns = (step.width + TILE - 1u) / TILE;
    let tiles = columns * step.height;
    for (var item = lane; item < tiles * step.planes_out; item += LANES) {
        let plane = item / tiles;
        let y = item % tiles / columns;
        let x = item % columns * TILE;
        let pixel = (y + 1u) * step.source_row + x + 1u;
        var sum = splat(weights[step.bias + plane]);
        var w = step.weights + plane * step.planes_in * 4u;
        var at = base + step.source + pixel;
        for (var k = 0u; k < step.planes_in; k++) {
            sum = multiply_add_tile(sum, matrix(w), load_tile(at, 1u));
            w += 4u;
            at += step.source_plane;
        }
        store_tile(base + step.dest + plane * step.dest_plane + pixel, step.width - x, sum);
    }
}
