// 3×3 convolutions with zero padding, bias and ReLU: a row of eight pixels of one output plane an invocation.

// The tile that starts `step` pixels apart from scratch[i] on.
fn load_tile(i: u32, step: u32) -> Tile {
    return Tile(
        scratch[i],
        scratch[i + step],
        scratch[i + 2u * step],
        scratch[i + 3u * step],
        scratch[i + 4u * step],
        scratch[i + 5u * step],
        scratch[i + 6u * step],
        scratch[i + 7u * step],
    );
}

// Writes the first `count` pixels of a tile: the border right of a map must stay zero.
fn store_tile(i: u32, count: u32, t: Tile) {
    scratch[i] = t.p0;
    if count > 1u { scratch[i + 1u] = t.p1; }
    if count > 2u { scratch[i + 2u] = t.p2; }
    if count > 3u { scratch[i + 3u] = t.p3; }
    if count > 4u { scratch[i + 4u] = t.p4; }
    if count > 5u { scratch[i + 5u] = t.p5; }
    if count > 6u { scratch[i + 6u] = t.p6; }
    if count > 7u { scratch[i + 7u] = t.p7; }
}

fn convolve(step: Step, base: u32, lane: u32) {
    // The largest negative number leaves everything as it is.
    let floor = select(-3.0e38, 0.0, (step.option & OPTION_LEADING_RELU) != 0u);
    let columns = (step.width + TILE - 1u) / TILE;
    let tiles = columns * step.height;
    for (var item = lane; item < tiles * step.planes_out; item += LANES) {
        let plane = item / tiles;
        let y = item % tiles / columns;
        let x = item % columns * TILE;
        var sum = splat(weights[step.bias + plane]);
        var w = step.weights + plane * step.planes_in * 36u;
        var at = base + step.source + y * step.source_row + x;
        for (var k = 0u; k < step.planes_in; k++) {
            var row = at;
            for (var dy = 0u; dy < 3u; dy++) {
                let left = max(scratch[row], vec4f(floor));
                let middle = max_tile(load_tile(row + 1u, 1u), floor);
                let right = max(scratch[row + 9u], vec4f(floor));
                sum = multiply_add_tile(
                    sum,
                    matrix(w),
                    Tile(left, middle.p0, middle.p1, middle.p2, middle.p3, middle.p4, middle.p5, middle.p6),
                );
                sum = multiply_add_tile(sum, matrix(w + 4u), middle);
                sum = multiply_add_tile(
                    sum,
                    matrix(w + 8u),
                    Tile(middle.p1, middle.p2, middle.p3, middle.p4, middle.p5, middle.p6, middle.p7, right),
                );
                row += step.source_row;
                w += 12u;
            }
            at += step.source_plane;
        }
        let out = base + step.dest + plane * step.dest_plane + (y + 1u) * step.dest_row + x + 1u;
        store_tile(out, step.width - x, max_tile(sum, 0.0));
    }
}

fn convolve_strided(step: Step, base: u32, lane: u32) {
    let columns = (step.width + TILE - 1u) / TILE;
    let tiles = columns * step.height;
    for (var item = lane; item < tiles * step.planes_out; item += LANES) {
        let plane = item / tiles;
        let y = item % tiles / columns;
        let x = item % columns * TILE;
        var sum = splat(weights[step.bias + plane]);
        var w = step.weights + plane * step.planes_in * 36u;
        var at = base + step.source + 2u * y * step.source_row + 2u * x;
        for (var k = 0u; k < step.planes_in; k++) {
            for (var tap = 0u; tap < 9u; tap++) {
                let row = at + tap / 3u * step.source_row + tap % 3u;
                sum = multiply_add_tile(sum, matrix(w), load_tile(row, 2u));
                w += 4u;
            }
            at += step.source_plane;
        }
        let out = base + step.dest + plane * step.dest_plane + (y + 1u) * step.dest_row + x + 1u;
        store_tile(out, step.width - x, max_tile(sum, 0.0));
    }
}
