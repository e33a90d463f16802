// ReLU.
#import place

fn rectify(step: Step, image: Image, item: u32) {
    let p = place_of(step, step.planes_out, item);
    scratch[dest_index(step, image.base, p)] = max(scratch[source_index(step, image.base, p.plane, p.y, p.x)], vec4f());
}
