// Where the numbers of a map lie in an image or a latent.
fn table_offset(step: Step, channel: u32, y: u32, x: u32) -> u32 {
    return tables[step.table + (channel * step.height + y) * step.width + x];
}
