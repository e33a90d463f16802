// 2×2 space-to-depth.
#import place

fn fold(step: Step, image: Image, item: u32) {
    let p = place_of(step, step.planes_out, item);
    let i = source_index(step, image.base, p.plane / 4u, 2u * p.y, 2u * p.x);
    let below = i + step.source_row;
    let c = p.plane % 4u;
    scratch[dest_index(step, image.base, p)] =
        vec4f(scratch[i][c], scratch[i + 1u][c], scratch[below][c], scratch[below + 1u][c]);
}
