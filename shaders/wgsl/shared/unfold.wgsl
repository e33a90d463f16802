// The inverse of folding.
#import place

// The number that folding made part of `channel`, or 0 where there is no such channel.
fn folded_part(step: Step, base: u32, channel: u32, y: u32, x: u32) -> f32 {
    if channel >= step.channels {
        return 0.0;
    }
    return scratch[source_index(step, base, channel, y / 2u, x / 2u)][y % 2u * 2u + x % 2u];
}

fn unfold(step: Step, image: Image, item: u32) {
    let p = place_of(step, step.planes_out, item);
    scratch[dest_index(step, image.base, p)] = vec4f(
        folded_part(step, image.base, 4u * p.plane, p.y, p.x),
        folded_part(step, image.base, 4u * p.plane + 1u, p.y, p.x),
        folded_part(step, image.base, 4u * p.plane + 2u, p.y, p.x),
        folded_part(step, image.base, 4u * p.plane + 3u, p.y, p.x),
    );
}
