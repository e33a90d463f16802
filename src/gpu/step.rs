//! Steps between maps, and the work that they are.

use ibinn_shaders::constants::*;
use ibinn_shaders::layouts::Step;
use ibinn_shaders::{FLOW, STEP_LOAD, Shader};

use super::scratch::{LANES, Map};

/// A step from one map to another.
pub(super) fn between(kind: u32, source: Map, dest: Map) -> Step {
    writing(dest, reading(source, Step { kind, ..Step::default() }))
}

/// The step with `map` as what it reads.
fn reading(map: Map, step: Step) -> Step {
    Step {
        planes_in: map.planes as u32,
        source: map.offset as u32,
        source_row: map.row() as u32,
        source_plane: map.plane() as u32,
        ..step
    }
}

/// The step with `map` as what it writes, which also is its size.
pub(super) fn writing(map: Map, step: Step) -> Step {
    Step {
        planes_out: map.planes as u32,
        height: map.height as u32,
        width: map.width as u32,
        dest: map.offset as u32,
        dest_row: map.row() as u32,
        dest_plane: map.plane() as u32,
        ..step
    }
}

/// Items of a step by a shader with these ROWS × COLUMNS pixels of PLANES planes an item.
pub(super) fn items(step: &Step, shader: &Shader) -> u32 {
    let [rows, columns, planes] = ["ROWS", "COLUMNS", "PLANES"].map(|name| shader.parameter(name) as u32);
    let planes_out = if step.kind == KIND_STORE { step.planes_in } else { step.planes_out };
    step.height.div_ceil(rows) * step.width.div_ceil(columns) * planes_out.div_ceil(planes)
}

/// The step with its items for `flow`, whose tiles are for the steps that compute much.
pub(super) fn counted(step: Step) -> Step {
    let shader = match step.kind {
        KIND_CONVOLVE | KIND_CONVOLVE_STRIDED | KIND_COUPLE | KIND_MIX => &FLOW,
        _ => &STEP_LOAD,
    };
    Step { items: items(&step, shader), ..step }
}

/// Multiply-adds an image, those with zeros included.
pub(super) fn work(step: &Step) -> usize {
    let inputs = match step.kind {
        KIND_CONVOLVE | KIND_CONVOLVE_STRIDED => 9 * step.channels as usize,
        KIND_COUPLE => 2 * LANES * step.planes_in as usize,
        KIND_MIX => LANES * step.planes_in as usize,
        _ => 0,
    };
    inputs * LANES * (step.planes_out * step.height * step.width) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_and_work_are_those_of_the_map_written() {
        let map = |planes| Map { offset: 0, planes, height: 14, width: 14 };
        let couple = between(KIND_COUPLE, map(6), map(2));
        assert_eq!((items(&couple, &FLOW), work(&couple)), (14 * 2 * 2, 2 * 24 * 8 * 196));
        let convolve = Step { channels: 3, ..between(KIND_CONVOLVE, map(1), map(6)) };
        assert_eq!(work(&convolve), 9 * 3 * 24 * 196);
        assert_eq!(items(&convolve, &ibinn_shaders::CONVOLVE_7X7X2), 4 * 3);
    }
}
