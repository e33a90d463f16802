// What the two layers of the dense coupling's subnets share: IMAGES latents and one group of four outputs an invocation.
struct Dense {
    // vec4 read and vec4 written (by all invocations together) of each latent.
    groups_in: u32,
    groups_out: u32,
    // Where the numbers read begin within a latent, and how many vec4 the latents lie apart.
    source: u32,
    source_row: u32,
    // The same for the numbers written.
    dest: u32,
    dest_row: u32,
    // Index of the first vec4 of the weights, which lie by (number in, part, group out) with four outputs a vec4, and of
    // the bias, by (part, group out). The parts of the second layer are scale and shift.
    weights: u32,
    bias: u32,
    // 1: the inverse.
    inverse: u32,
    // Where the first group's log-dets go in `partials`, and the number of entries there an image.
    slot: u32,
    slots: u32,
}
