//! Where the maps of one image lie in its part of the `scratch` buffer; layout as `step.wgsl` describes it.

use std::collections::HashMap;

use crate::spec::Shape;

/// Channels in a plane, one vec4 a pixel.
pub(super) const LANES: usize = 4;
/// Tiles of pixels reach past the end of the last map, into numbers that no result depends on; where they reach farther
/// than this, WGSL keeps them inside the buffer.
const SLACK: usize = 32;

/// What a map is for: maps of different roles may be in use at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum MapRole {
    /// The image on its way through the flow.
    Flow,
    /// Where an element that cannot work in place puts its result.
    Next,
    /// The first hidden layer of a subnet.
    Hidden1,
    /// The second hidden layer of a subnet.
    Hidden2,
    /// What a subnet with a leading ReLU reads of the image.
    Rectified,
}

/// A map of `planes`·4 channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Map {
    /// Its first vec4 in the image's part of `scratch`.
    pub offset: usize,
    /// Planes of four channels.
    pub planes: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Map {
    /// vec4 from one row to the next: the border pixel that ends a row also begins the next.
    pub fn row(self) -> usize {
        self.width + 1
    }

    /// vec4 from one plane to the next.
    pub fn plane(self) -> usize {
        (self.height + 2) * self.row() + 1
    }

    /// The map without its first `planes` planes.
    pub fn after_planes(self, planes: usize) -> Self {
        Self { offset: self.offset + planes * self.plane(), planes: self.planes - planes, ..self }
    }
}

/// Hands out maps. Those of one role and geometry share their place; those of another geometry never do, so the zeros
/// around a map stay what they are.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    maps: HashMap<(MapRole, usize, usize, usize), Map>,
    used: usize,
}

impl Scratch {
    /// The map of `role` for `shape`.
    pub fn map(&mut self, role: MapRole, shape: Shape) -> Map {
        let planes = shape.channels.div_ceil(LANES);
        let (height, width) = (shape.height, shape.width);
        *self.maps.entry((role, planes, height, width)).or_insert_with(|| {
            let map = Map { offset: self.used, planes, height, width };
            self.used += planes * map.plane();
            map
        })
    }

    /// vec4 an image.
    pub fn length(&self) -> usize {
        self.used + SLACK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_of_different_role_or_geometry_do_not_overlap() {
        let mut scratch = Scratch::default();
        let shape = |channels, side| Shape { channels, height: side, width: side };
        let first = scratch.map(MapRole::Flow, shape(6, 4));
        assert_eq!((first.planes, first.row(), first.plane()), (2, 5, 31));
        let second = scratch.map(MapRole::Next, shape(6, 4));
        let third = scratch.map(MapRole::Flow, shape(6, 2));
        assert_eq!(second.offset, first.offset + 62);
        assert_eq!(third.offset, second.offset + 62);
        assert_eq!(scratch.map(MapRole::Flow, shape(5, 4)), first);
        assert_eq!(scratch.length(), third.offset + 2 * third.plane() + SLACK);
        assert_eq!(first.after_planes(1).offset, 31);
    }
}
