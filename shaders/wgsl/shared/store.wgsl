// A map to numbers of an image or a latent.
#import place
#import table

// Writes a channel of the pixel at i, where there is such a channel.
fn put_channel(step: Step, image: u32, p: Place, i: u32, part: u32) {
    let channel = 4u * p.plane + part;
    if channel < step.channels {
        output[image * step.dest_row + table_offset(step, channel, p.y, p.x)] = scratch[i][part];
    }
}

fn store(step: Step, image: Image, item: u32) {
    let p = place_of(step, step.planes_in, item);
    let i = source_index(step, image.base, p.plane, p.y, p.x);
    put_channel(step, image.index, p, i, 0u);
    put_channel(step, image.index, p, i, 1u);
    put_channel(step, image.index, p, i, 2u);
    put_channel(step, image.index, p, i, 3u);
}
