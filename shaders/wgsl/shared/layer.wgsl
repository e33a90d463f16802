// One step as a dispatch of its own, over the items of all images.
#import size

struct Layer {
    // Images that there is room for.
    images: u32,
    // vec4 of scratch an image.
    scratch_length: u32,
    // Partial log-dets an image.
    slots: u32,
    @align(16) step: Step,
}

// The number of an invocation in a dispatch that may go on in y.
fn item_index(workgroup: vec3u, workgroups: vec3u, lane: u32) -> u32 {
    return (workgroup.y * workgroups.x + workgroup.x) * size + lane;
}

// The image that an item belongs to.
fn image_of(i: u32) -> Image {
    let index = i / layer.step.items;
    return Image(index, index * layer.scratch_length, index * layer.slots);
}
