// The entry point of a step that is a dispatch of its own: STEP does an item, an item an invocation.
@compute @workgroup_size(size)
fn main(
    @builtin(workgroup_id) workgroup: vec3u,
    @builtin(num_workgroups) workgroups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let step = layer.step;
    let i = item_index(workgroup, workgroups, lane);
    let image = image_of(i);
    if image.index < layer.images {
        ${STEP}(step, image, i % step.items);
    }
}
