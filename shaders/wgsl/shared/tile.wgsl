// The part of a map that is one item of a step: ROWS × COLUMNS pixels of PLANES planes.
struct Tile {
    // The first plane, row and column.
    plane: u32,
    y: u32,
    x: u32,
}

fn tile_of(step: Step, item: u32) -> Tile {
    let groups = (step.planes_out + ${PLANES-1}u) / ${PLANES}u;
    let columns = (step.width + ${COLUMNS-1}u) / ${COLUMNS}u;
    let place = item / groups;
    return Tile(item % groups * ${PLANES}u, place / columns * ${ROWS}u, place % columns * ${COLUMNS}u);
}
