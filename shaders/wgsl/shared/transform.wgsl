// The DCT along one axis.
#import place

// out[i] = Σ_k m[i, k]·in[k] along a row or a column; the map is square.
fn transform(step: Step, image: Image, item: u32) {
    let p = place_of(step, step.planes_out, item);
    let n = step.width;
    let along_row = (step.flags & FLAG_ALONG_ROW) != 0u;
    let first = source_index(step, image.base, p.plane, select(0u, p.y, along_row), select(p.x, 0u, along_row));
    let apart = select(step.source_row, 1u, along_row);
    let m = select(p.y, p.x, along_row) * n;
    var sum = vec4f(0.0);
    for (var k = 0u; k < n; k++) {
        let factor = weights[step.weights + (m + k) / 4u][(m + k) % 4u];
        sum = fma(vec4f(factor), scratch[first + k * apart], sum);
    }
    scratch[dest_index(step, image.base, p)] = sum;
}
