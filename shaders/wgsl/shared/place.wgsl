// The item of a step that moves numbers: one pixel of one plane.

// A plane and a pixel of it.
struct Place {
    plane: u32,
    y: u32,
    x: u32,
}

fn place_of(step: Step, planes: u32, item: u32) -> Place {
    let pixel = item / planes;
    return Place(item % planes, pixel / step.width, pixel % step.width);
}

// Where a pixel of a plane lies.
fn pixel_index(map: u32, plane_length: u32, row: u32, plane: u32, y: u32, x: u32) -> u32 {
    return map + plane * plane_length + (y + 1u) * row + x + 1u;
}

fn dest_index(step: Step, base: u32, p: Place) -> u32 {
    return base + pixel_index(step.dest, step.dest_plane, step.dest_row, p.plane, p.y, p.x);
}

fn source_index(step: Step, base: u32, plane: u32, y: u32, x: u32) -> u32 {
    return base + pixel_index(step.source, step.source_plane, step.source_row, plane, y, x);
}
