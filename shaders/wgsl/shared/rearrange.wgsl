// Steps that move numbers and the DCT: one pixel of one plane an invocation.

// Where pixel (x, y) of a plane lies.
fn pixel_index(map: u32, plane_length: u32, row: u32, plane: u32, y: u32, x: u32) -> u32 {
    return map + plane * plane_length + (y + 1u) * row + x + 1u;
}

fn fold(step: Step, base: u32, lane: u32) {
    for (var item = lane; item < step.planes_out * step.height * step.width; item += LANES) {
        let x = item % step.width;
        let y = item / step.width % step.height;
        let channel = item / step.width / step.height;
        let i = base + pixel_index(step.source, step.source_plane, step.source_row, channel / 4u, 2u * y, 2u * x);
        let below = i + step.source_row;
        let c = channel % 4u;
        scratch[base + pixel_index(step.dest, step.dest_plane, step.dest_row, channel, y, x)] =
            vec4f(scratch[i][c], scratch[i + 1u][c], scratch[below][c], scratch[below + 1u][c]);
    }
}

// Number `part` of the pixel that folding made of `channel`, or 0 where there is no such channel.
fn folded_part(step: Step, base: u32, channel: u32, y: u32, x: u32) -> f32 {
    if channel >= step.option {
        return 0.0;
    }
    let i = base + pixel_index(step.source, step.source_plane, step.source_row, channel, y / 2u, x / 2u);
    return scratch[i][y % 2u * 2u + x % 2u];
}

fn unfold(step: Step, base: u32, lane: u32) {
    for (var item = lane; item < step.planes_out * step.height * step.width; item += LANES) {
        let x = item % step.width;
        let y = item / step.width % step.height;
        let plane = item / step.width / step.height;
        scratch[base + pixel_index(step.dest, step.dest_plane, step.dest_row, plane, y, x)] = vec4f(
            folded_part(step, base, 4u * plane, y, x),
            folded_part(step, base, 4u * plane + 1u, y, x),
            folded_part(step, base, 4u * plane + 2u, y, x),
            folded_part(step, base, 4u * plane + 3u, y, x),
        );
    }
}

fn table_offset(step: Step, channel: u32, y: u32, x: u32) -> u32 {
    return tables[step.table + (channel * step.height + y) * step.width + x];
}

fn loaded(step: Step, image: u32, channel: u32, y: u32, x: u32) -> f32 {
    if channel >= step.option {
        return 0.0;
    }
    return input[image * step.source_row + table_offset(step, channel, y, x)];
}

fn load(step: Step, base: u32, image: u32, lane: u32) {
    for (var item = lane; item < step.planes_out * step.height * step.width; item += LANES) {
        let x = item % step.width;
        let y = item / step.width % step.height;
        let plane = item / step.width / step.height;
        scratch[base + pixel_index(step.dest, step.dest_plane, step.dest_row, plane, y, x)] = vec4f(
            loaded(step, image, 4u * plane, y, x),
            loaded(step, image, 4u * plane + 1u, y, x),
            loaded(step, image, 4u * plane + 2u, y, x),
            loaded(step, image, 4u * plane + 3u, y, x),
        );
    }
}

fn store(step: Step, base: u32, image: u32, lane: u32) {
    for (var item = lane; item < step.option * step.height * step.width; item += LANES) {
        let x = item % step.width;
        let y = item / step.width % step.height;
        let channel = item / step.width / step.height;
        let i = base + pixel_index(step.source, step.source_plane, step.source_row, channel / 4u, y, x);
        output[image * step.dest_row + table_offset(step, channel, y, x)] = scratch[i][channel % 4u];
    }
}

// out[i] = Σ_k m[i, k]·in[k] along a row or a column; the map is square.
fn transform(step: Step, base: u32, lane: u32) {
    let n = step.width;
    for (var item = lane; item < step.planes_out * n * n; item += LANES) {
        let x = item % n;
        let y = item / n % n;
        let plane = item / n / n;
        let along_row = (step.option & OPTION_ALONG_ROW) != 0u;
        let first = base + pixel_index(
            step.source,
            step.source_plane,
            step.source_row,
            plane,
            select(0u, y, along_row),
            select(x, 0u, along_row),
        );
        let apart = select(step.source_row, 1u, along_row);
        let m = select(y, x, along_row) * n;
        var sum = vec4f(0.0);
        for (var k = 0u; k < n; k++) {
            let factor = weights[step.weights + (m + k) / 4u][(m + k) % 4u];
            sum = fma(vec4f(factor), scratch[first + k * apart], sum);
        }
        scratch[base + pixel_index(step.dest, step.dest_plane, step.dest_row, plane, y, x)] = sum;
    }
}
