// Numbers of an image or a latent to a map.
#import place
#import table

fn loaded(step: Step, image: u32, channel: u32, y: u32, x: u32) -> f32 {
    if channel >= step.channels {
        return 0.0;
    }
    return input[image * step.source_row + table_offset(step, channel, y, x)];
}

fn load(step: Step, image: Image, item: u32) {
    let p = place_of(step, step.planes_out, item);
    scratch[dest_index(step, image.base, p)] = vec4f(
        loaded(step, image.index, 4u * p.plane, p.y, p.x),
        loaded(step, image.index, 4u * p.plane + 1u, p.y, p.x),
        loaded(step, image.index, 4u * p.plane + 2u, p.y, p.x),
        loaded(step, image.index, 4u * p.plane + 3u, p.y, p.x),
    );
}
